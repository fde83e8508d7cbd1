/// A value with identity: a namespace whose members can be assigned, or a macro. Used by one rendering, on one thread.
public final class TemplateObject: @unchecked Sendable {
    var members: [(key: String, value: TemplateValue)]
    let macro: TemplateMacro?

    init(members: [(key: String, value: TemplateValue)]) {
        self.members = members
        macro = nil
    }

    init(macro: TemplateMacro) {
        members = []
        self.macro = macro
    }
}

/// A macro's parameters and body.
struct TemplateMacro: Sendable {
    let name: String
    let parameters: [(name: String, fallback: TemplateExpression?)]
    let body: [TemplateNode]
}
