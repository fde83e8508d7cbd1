/// A piece of a chat template's source.
struct TemplateToken: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case text(String)
        /// `{{` and `}}`.
        case beginOutput, endOutput
        /// `{%` and `%}`.
        case beginBlock, endBlock
        case name(String)
        case string(String)
        case integer(Int)
        case float(Double)
        case symbol(String)
        case end
    }

    let kind: Kind
    let line: Int
}
