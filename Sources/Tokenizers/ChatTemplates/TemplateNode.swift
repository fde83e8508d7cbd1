/// A part of a chat template that is rendered.
indirect enum TemplateNode: Sendable {
    case text(String)
    case output(TemplateExpression)
    case condition([(test: TemplateExpression, body: [TemplateNode])], otherwise: [TemplateNode])
    case loop(TemplateLoop)
    case assign([String], TemplateExpression, line: Int)
    case assignMember(String, String, TemplateExpression, line: Int)
    case assignBlock(String, [TemplateNode])
    case macro(TemplateMacro)
    case breakLoop
    case continueLoop
    /// A block without meaning here, such as `generation`.
    case group([TemplateNode])
}

/// A `for` loop.
struct TemplateLoop: Sendable {
    let names: [String]
    let source: TemplateExpression
    let filter: TemplateExpression?
    let body: [TemplateNode]
    let otherwise: [TemplateNode]
    let line: Int
}
