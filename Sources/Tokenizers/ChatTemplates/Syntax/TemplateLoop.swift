/// A `for` loop.
struct TemplateLoop: Sendable {
    let target: TemplateTarget
    let source: TemplateExpression
    let filter: TemplateExpression?
    let body: [TemplateNode]
    let otherwise: [TemplateNode]
    let line: Int
}
