/// A `for` loop.
struct TemplateLoop: Sendable {
    let target: TemplateTarget
    let source: TemplateExpression
    let filter: TemplateExpression?
    let body: [TemplateNode]
    let otherwise: [TemplateNode]
    /// Whether `loop(values)` runs it over other values.
    let isRecursive: Bool
    let line: Int
}
