/// An expression of a chat template.
indirect enum TemplateExpression: Sendable {
    case literal(TemplateValue)
    case name(String, line: Int)
    case list([TemplateExpression])
    case mapping([(TemplateExpression, TemplateExpression)])
    case member(TemplateExpression, TemplateExpression, line: Int)
    case slice(TemplateExpression, start: TemplateExpression?, end: TemplateExpression?, step: TemplateExpression?, line: Int)
    case call(TemplateExpression, TemplateArguments, line: Int)
    case filter(TemplateExpression, String, TemplateArguments, line: Int)
    case test(TemplateExpression, String, TemplateArguments, isNegated: Bool, line: Int)
    case not(TemplateExpression)
    case negative(TemplateExpression, line: Int)
    case binary(TemplateExpression, String, TemplateExpression, line: Int)
    case conditional(TemplateExpression, then: TemplateExpression, otherwise: TemplateExpression?)
}

/// The arguments of a call.
struct TemplateArguments: Sendable {
    var positional: [TemplateExpression] = []
    var named: [(name: String, value: TemplateExpression)] = []
}
