import Foundation

/// Python's methods of strings, mappings and lists, as far as chat templates call them.
enum TemplateMethods {
    static func call(_ name: String, _ value: TemplateValue, _ arguments: [TemplateValue], _ line: Int) throws(TemplateError)
        -> TemplateValue
    {
        switch value {
        case .string(let text):
            if let result = string(name, text, arguments) { return result }
        case .mapping(let members):
            switch name {
            case "get": return value.member(arguments.first?.text ?? "") ?? arguments.dropFirst().first ?? .none
            case "items": return .list(members.map { .list([.string($0.key), $0.value]) })
            case "keys": return .list(members.map { .string($0.key) })
            case "values": return .list(members.map(\.value))
            default: break
            }
        case .undefined: throw TemplateError("an undefined value has no method '\(name)'", line: line)
        default: break
        }
        throw TemplateError("\(value.typeName) has no method '\(name)'", line: line)
    }

    private static func string(_ name: String, _ text: String, _ arguments: [TemplateValue]) -> TemplateValue? {
        let argument = arguments.first?.text
        switch name {
        case "strip": return .string(strip(text, argument, start: true, end: true))
        case "lstrip": return .string(strip(text, argument, start: true, end: false))
        case "rstrip": return .string(strip(text, argument, start: false, end: true))
        case "upper": return .string(text.uppercased())
        case "lower": return .string(text.lowercased())
        case "capitalize": return .string(text.prefix(1).uppercased() + text.dropFirst().lowercased())
        case "title": return .string(text.capitalized)
        case "startswith": return .bool(text.utf8.starts(with: (argument ?? "").utf8))
        case "endswith": return .bool(text.utf8.reversed().starts(with: (argument ?? "").utf8.reversed()))
        case "replace":
            guard arguments.count >= 2, let argument, !argument.isEmpty else { return arguments.count >= 2 ? .string(text) : nil }
            return .string(pieces(text, argument).joined(separator: arguments[1].text))
        case "split":
            guard let argument, !argument.isEmpty else {
                return .list(text.split(whereSeparator: \.isWhitespace).map { .string(String($0)) })
            }
            var limit = Int.max
            if case .integer(let count)? = arguments.dropFirst().first, count >= 0 { limit = count }
            let all = pieces(text, argument)
            guard all.count - 1 > limit else { return .list(all.map { .string($0) }) }
            return .list(all.prefix(limit).map { .string($0) } + [.string(all.dropFirst(limit).joined(separator: argument))])
        case "join": return nil
        default: return nil
        }
    }

    private static func strip(_ text: String, _ characters: String?, start: Bool, end: Bool) -> String {
        let set = characters.map { Set($0.unicodeScalars) }
        func isOut(_ scalar: Unicode.Scalar) -> Bool { set?.contains(scalar) ?? scalar.properties.isWhitespace }
        var scalars = Substring(text).unicodeScalars
        while start, let first = scalars.first, isOut(first) { scalars.removeFirst() }
        while end, let last = scalars.last, isOut(last) { scalars.removeLast() }
        return String(scalars)
    }

    /// What stands between the occurrences of a separator, compared as bytes.
    private static func pieces(_ text: String, _ separator: String) -> [String] {
        let (bytes, separator) = (Array(text.utf8), Array(separator.utf8))
        var (result, start, index): ([String], Int, Int) = ([], 0, 0)
        while index + separator.count <= bytes.count {
            if bytes[index...].starts(with: separator) {
                result.append(String(decoding: bytes[start..<index], as: UTF8.self))
                index += separator.count
                start = index
            } else {
                index += 1
            }
        }
        return result + [String(decoding: bytes[start...], as: UTF8.self)]
    }
}
