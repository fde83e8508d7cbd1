import ModelFiles

/// Members of values: Python's attributes and keys, as Jinja looks for them.
enum TemplateMembers {
    /// `value.name`: a method before a key.
    static func attribute(
        _ name: String,
        of value: TemplateValue,
        _ renderer: TemplateRenderer,
        _ what: String,
        _ line: Int
    ) throws(TemplateError) -> TemplateValue {
        switch value {
        case .undefined: throw TemplateError("\(what) is undefined and has no member '\(name)'", line: line)
        case .string, .markup, .list, .tuple: return TemplateMethods.has(name, value) ? method(value, name) : .undefined
        case .mapping: return TemplateMethods.has(name, value) ? method(value, name) : value.member(name) ?? .undefined
        case .object(let object):
            let word = name.word
            switch object.kind {
            case .namespace(let index):
                return renderer.namespaces[index].first { $0.key == .string(name) }?.value ?? .undefined
            case .loop(let index):
                guard renderer.loops.indices.contains(index) else { return .undefined }
                return renderer.loops[index].member(word) ?? (word == "cycle" || word == "changed" ? method(value, name) : .undefined)
            case .macro(let index): return word == "name" ? .string(renderer.macros[index].macro.name) : .undefined
            case .function("dict") where word == "fromkeys": return .object(TemplateObject(kind: .function("dict.fromkeys")))
            case .function, .method, .generator, .view: return .undefined
            }
        case .none, .bool, .integer, .float: return .undefined
        }
    }

    /// `value[key]`: a key before a method.
    static func item(
        _ key: TemplateValue,
        of value: TemplateValue,
        _ renderer: TemplateRenderer,
        _ what: String,
        _ line: Int
    ) throws(TemplateError) -> TemplateValue {
        switch (value.plain, key.plain) {
        case (.undefined, _): throw TemplateError("\(what) is undefined and has no members", line: line)
        case (.mapping, .string(let name)):
            return value.member(name) ?? (TemplateMethods.has(name, value) ? method(value, name) : .undefined)
        case (.mapping, _): return value.member(key: key) ?? .undefined
        case (.list(let values), .integer(let index)):
            let place = index < 0 ? index &+ values.count : index
            return values.indices.contains(place) ? values[place] : .undefined
        case (.string(let text), .integer(let index)):
            let scalars = text.unicodeScalars
            let offset = index < 0 ? index &+ scalars.count : index
            guard offset >= 0, let place = scalars.index(scalars.startIndex, offsetBy: offset, limitedBy: scalars.endIndex),
                place < scalars.endIndex
            else { return .undefined }
            let character = TemplateValue.string(String(Character(scalars[place])))
            return if case .markup = value { TemplateMarkup.marked(character) } else { character }
        case (.string, .string(let name)), (.list, .string(let name)), (.object, .string(let name)):
            return try attribute(name, of: value, renderer, what, line)
        default: return .undefined
        }
    }

    private static func method(_ value: TemplateValue, _ name: String) -> TemplateValue {
        .object(TemplateObject(kind: .method(value, name)))
    }
}
