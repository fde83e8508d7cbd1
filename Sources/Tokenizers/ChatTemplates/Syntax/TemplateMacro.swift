/// A macro: its parameters and body, and whether the body takes more arguments than it names.
struct TemplateMacro: Sendable {
    let name: String
    let parameters: [(name: String, fallback: TemplateExpression?)]
    let body: [TemplateNode]
    let takesMorePositional: Bool
    let takesMoreNamed: Bool
    let takesCaller: Bool
    let line: Int
}
