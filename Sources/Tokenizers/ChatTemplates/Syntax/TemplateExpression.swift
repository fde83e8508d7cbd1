/// An expression of a chat template. Chains of operators of one precedence are flat, so that only brackets and suffixes nest.
indirect enum TemplateExpression: Sendable {
    case literal(TemplateValue)
    case name(String, line: Int)
    case list([TemplateExpression], line: Int)
    case tuple([TemplateExpression], line: Int)
    case mapping([(key: TemplateExpression, value: TemplateExpression)], line: Int)
    /// `base.name`: a method before a key.
    case attribute(TemplateExpression, String, line: Int)
    /// `base[key]`: a key before a method.
    case item(TemplateExpression, TemplateExpression, line: Int)
    case slice(TemplateExpression, start: TemplateExpression?, end: TemplateExpression?, step: TemplateExpression?, line: Int)
    case call(TemplateExpression, TemplateArguments, line: Int)
    case filter(TemplateExpression, String, TemplateArguments, line: Int)
    case test(TemplateExpression, String, TemplateArguments, isNegated: Bool, line: Int)
    case not(TemplateExpression)
    case sign(TemplateExpression, isNegative: Bool, line: Int)
    case and([TemplateExpression])
    case or([TemplateExpression])
    /// `a ~ b ~ c`.
    case concatenation([TemplateExpression], line: Int)
    /// Sums or products, from left to right.
    case arithmetic(TemplateExpression, [(symbol: String, operand: TemplateExpression)], line: Int)
    /// `a < b <= c` is `a < b and b <= c`.
    case comparison(TemplateExpression, [(symbol: String, operand: TemplateExpression)], line: Int)
    case conditional(TemplateExpression, then: TemplateExpression, otherwise: TemplateExpression?)
}
