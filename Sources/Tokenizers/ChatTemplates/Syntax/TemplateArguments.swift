/// The arguments of a call, a filter or a test.
struct TemplateArguments: Sendable {
    var positional: [TemplateExpression] = []
    var named: [(name: String, value: TemplateExpression)] = []
    /// What `*values` gives.
    var morePositional: TemplateExpression?
    /// What `**mapping` gives.
    var moreNamed: TemplateExpression?
}
