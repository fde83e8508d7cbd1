import Tokenizers

/// A template's value as the golden files write it: `[kind, value]`, so that mappings keep their order.
struct GoldenValue: Decodable {
    let value: TemplateValue

    private struct Member: Decodable {
        let key: String
        let value: TemplateValue

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            key = try container.decode(String.self)
            value = try container.decode(GoldenValue.self).value
        }
    }

    init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        value =
            switch try container.decode(String.self) {
            case "b": .bool(try container.decode(Bool.self))
            case "i": .integer(try container.decode(Int.self))
            case "f": .float(try container.decode(Double.self))
            case "s": .string(try container.decode(String.self))
            case "l": .list(try container.decode([GoldenValue].self).map(\.value))
            case "m": .mapping(texts: try container.decode([Member].self).map { ($0.key, $0.value) })
            default: .none
            }
    }
}
