/// Arguments of a call of something that is built in.
struct TemplateCall {
    var positional: [TemplateValue] = []
    var named: [(name: String, value: TemplateValue)] = []
    let line: Int

    /// The argument at a place, or of a name.
    func argument(_ index: Int, _ name: String) -> TemplateValue? {
        index < positional.count ? positional[index] : named.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    /// The text of an argument; nil where it is absent or none.
    func text(_ index: Int, _ name: String, _ budget: inout TemplateBudget) throws(TemplateError) -> String? {
        guard let value = argument(index, name), value != .none else { return nil }
        return try TemplateText.string(value, &budget, line: line)
    }

    /// The text of an argument that must be text; nil where it is absent or none.
    func string(_ index: Int, _ name: String) throws(TemplateError) -> String? {
        switch argument(index, name)?.plain {
        case nil, TemplateValue.none?: return nil
        case .string(let text)?: return text
        case let value?: throw TemplateError("'\(name)' wants a string, not \(value.typeName)", line: line)
        }
    }

    /// The whole number of an argument; nil where it is absent or none.
    func integer(_ index: Int, _ name: String) throws(TemplateError) -> Int? {
        guard let value = argument(index, name), value != .none else { return nil }
        guard let integer = value.integer else { throw TemplateError("'\(name)' wants a whole number, not \(value.typeName)", line: line) }
        return integer
    }

    /// The truth of an argument; false where it is absent.
    func isTrue(_ index: Int, _ name: String) -> Bool {
        argument(index, name)?.isTrue ?? false
    }

    /// The arguments from a place on, for another call.
    func dropping(_ count: Int) -> TemplateCall {
        TemplateCall(positional: Array(positional.dropFirst(count)), named: named, line: line)
    }
}
