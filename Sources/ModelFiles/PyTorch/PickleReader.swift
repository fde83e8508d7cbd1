/// Reads the pickles in which PyTorch describes checkpoints, protocols 2 to 5 (Python's Lib/pickletools.py), as far as tensors and dictionaries need.
///
/// A pickle is a program for a small stack machine. This one knows the instructions that build values, and four names; whatever else a pickle asks for
/// is refused. Nothing of it is ever run.
struct PickleReader {
    /// The most bytes of a pickle, values on the stack, and items of a list.
    private static let (byteLimit, stackLimit, sequenceLimit) = (16 << 20, 1 << 20, 4096)
    /// The most dictionaries, and items of all lists each time that one grows: many small steps may not make a large one.
    private static let (dictionaryLimit, growthLimit) = (1 << 17, 1 << 24)
    /// How deep sequences may be nested: each level takes some of the stack when they go.
    private static let depthLimit = 32
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0
    private var stack: [PickleValue] = []
    /// Where on the stack the marks are.
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    private var dictionaries: [PickleDictionary] = []
    private var growth = 0

    private init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Lends the value that a pickle describes. Its dictionaries are empty afterwards: they may hold each other in circles, or in long chains.
    ///
    /// - Throws: ``ModelFileError`` where it is damaged, or holds what is not read here, or what `body` throws.
    static func read<Result>(
        _ bytes: UnsafeRawBufferPointer,
        _ body: (PickleValue) throws(ModelFileError) -> Result
    ) throws(ModelFileError) -> Result {
        guard bytes.count <= byteLimit else {
            throw .tooLarge(what: "the size of the pickle", value: UInt64(bytes.count), limit: UInt64(byteLimit))
        }
        var reader = PickleReader(bytes)
        defer { for dictionary in reader.dictionaries { dictionary.items = [] } }
        return try body(try reader.run())
    }

    private mutating func run() throws(ModelFileError) -> PickleValue {
        while true {
            let code = try byte()
            if code == UInt8(ascii: ".") { return try pop() }
            try step(code)
            let count = max(stack.count, memo.count, marks.count)
            guard count <= Self.stackLimit else {
                throw .tooLarge(what: "the number of values in the pickle", value: UInt64(count), limit: UInt64(Self.stackLimit))
            }
        }
    }

    private mutating func step(_ code: UInt8) throws(ModelFileError) {
        switch code {
        case 0x80: _ = try byte()  // protocol
        case 0x95: _ = try take(8)  // frame
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: "N"): stack.append(.none)
        case 0x88: stack.append(.bool(true))
        case 0x89: stack.append(.bool(false))
        case UInt8(ascii: "K"): stack.append(.integer(Int(try byte())))
        case UInt8(ascii: "M"): stack.append(.integer(Int(try little(2))))
        case UInt8(ascii: "J"): stack.append(.integer(Int(Int32(truncatingIfNeeded: try little(4)))))
        case 0x8a: stack.append(.integer(try long()))
        case UInt8(ascii: "G"): stack.append(.number(Double(bitPattern: UInt64(try little(8)).byteSwapped)))
        case UInt8(ascii: "X"): stack.append(.string(try text(Int(try little(4)))))
        case 0x8c: stack.append(.string(try text(Int(try byte()))))
        case UInt8(ascii: ")"), UInt8(ascii: "]"): stack.append(try sequence([]))
        case UInt8(ascii: "}"): stack.append(try dictionary())
        case 0x85, 0x86, 0x87: try collect(Int(code) - 0x84)
        case UInt8(ascii: "t"), UInt8(ascii: "l"): stack.append(try sequence(try popToMark()))
        case UInt8(ascii: "a"): try append([try pop()])
        case UInt8(ascii: "e"): try append(try popToMark())
        case UInt8(ascii: "s"):
            let value = try pop()
            try setItems([try pop(), value])
        case UInt8(ascii: "u"): try setItems(try popToMark())
        case UInt8(ascii: "c"): stack.append(.global(try PickleGlobal(module: try line(), name: try line())))
        case 0x93: try stackGlobal()
        case UInt8(ascii: "q"): memo[Int(try byte())] = try top()
        case UInt8(ascii: "r"): memo[Int(try little(4))] = try top()
        case 0x94: memo[memo.count] = try top()
        case UInt8(ascii: "h"): stack.append(try remembered(Int(try byte())))
        case UInt8(ascii: "j"): stack.append(try remembered(Int(try little(4))))
        case UInt8(ascii: "Q"): stack.append(try storage(try pop()))
        case UInt8(ascii: "R"): try reduce()
        // Attributes of a dictionary, such as the versions of its modules: of no use.
        case UInt8(ascii: "b"): _ = try pop()
        default: throw .badFormat("the pickle has instruction 0x\(String(code, radix: 16)) at byte \(offset - 1), which is not read")
        }
    }

    // MARK: Values

    private mutating func collect(_ count: Int) throws(ModelFileError) {
        guard stack.count - (marks.last ?? 0) >= count else { throw Self.damaged }
        let items = Array(stack.suffix(count))
        stack.removeLast(count)
        stack.append(try sequence(items))
    }

    private func sequence(_ items: [PickleValue]) throws(ModelFileError) -> PickleValue {
        let depth = items.reduce(0) { depth, item in if case .sequence(_, let inner) = item { max(depth, inner + 1) } else { depth } }
        guard depth < Self.depthLimit else { throw .badFormat("the pickle nests sequences more than \(Self.depthLimit) deep") }
        return .sequence(items, depth: depth)
    }

    private mutating func dictionary() throws(ModelFileError) -> PickleValue {
        guard dictionaries.count < Self.dictionaryLimit else {
            throw .badFormat("the pickle has more than \(Self.dictionaryLimit) dictionaries")
        }
        let dictionary = PickleDictionary()
        dictionaries.append(dictionary)
        return .dictionary(dictionary)
    }

    private mutating func append(_ items: [PickleValue]) throws(ModelFileError) {
        guard case .sequence(let list, _) = try pop() else { throw Self.damaged }
        guard list.count + items.count <= Self.sequenceLimit else {
            throw .tooLarge(what: "a list in the pickle", value: UInt64(list.count + items.count), limit: UInt64(Self.sequenceLimit))
        }
        growth += list.count + items.count
        guard growth <= Self.growthLimit else {
            throw .tooLarge(what: "what the pickle's lists grow by", value: UInt64(growth), limit: UInt64(Self.growthLimit))
        }
        stack.append(try sequence(list + items))
    }

    private mutating func setItems(_ items: [PickleValue]) throws(ModelFileError) {
        guard items.count % 2 == 0, case .dictionary(let dictionary) = try top() else { throw Self.damaged }
        for index in stride(from: 0, to: items.count, by: 2) {
            if case .string(let key) = items[index] { dictionary.items.append((key, items[index + 1])) }
        }
    }

    private mutating func stackGlobal() throws(ModelFileError) {
        guard case .string(let name) = try pop(), case .string(let module) = try pop() else { throw Self.damaged }
        stack.append(.global(try PickleGlobal(module: module, name: name)))
    }

    /// `('storage', type, key, place, count)`: what a tensor's numbers are called outside of the pickle.
    private func storage(_ value: PickleValue) throws(ModelFileError) -> PickleValue {
        guard case .sequence(let items, _) = value, items.count == 5, case .string(let kind) = items[0], kind.word == "storage",
            case .global(.storage(let type)) = items[1], case .string(let key) = items[2]
        else { throw Self.damaged }
        try NameLimit.check(key, "storage")
        return .storage(type, key: key)
    }

    /// A name "called" with arguments: one of the three that make something.
    private mutating func reduce() throws(ModelFileError) {
        guard case .sequence(let arguments, _) = try pop(), case .global(let global) = try pop() else { throw Self.damaged }
        switch global {
        case .orderedDictionary:
            guard arguments.isEmpty else { throw Self.damaged }
            stack.append(try dictionary())
        case .rebuildParameter:
            guard let tensor = arguments.first, case .tensor = tensor else { throw Self.damaged }
            stack.append(tensor)
        case .rebuildTensor: stack.append(try tensor(arguments))
        case .storage: throw Self.damaged
        }
    }

    private func tensor(_ arguments: [PickleValue]) throws(ModelFileError) -> PickleValue {
        guard arguments.count >= 4, case .storage(let type, let key) = arguments[0], case .integer(let offset) = arguments[1],
            case .sequence(let sizes, _) = arguments[2], case .sequence(let steps, _) = arguments[3], sizes.count == steps.count
        else { throw Self.damaged }
        let integers = { (values: [PickleValue]) in values.compactMap { if case .integer(let value) = $0 { value } else { nil } } }
        let (shape, strides) = (integers(sizes), integers(steps))
        guard shape.count == sizes.count, strides.count == steps.count, offset >= 0, (shape + strides).allSatisfy({ $0 >= 0 }) else {
            throw Self.damaged
        }
        guard shape.count <= SafetensorsFile.maximumDimensions else {
            throw .badFormat("the pickle has a tensor of \(shape.count) dimensions; at most \(SafetensorsFile.maximumDimensions) are read")
        }
        return .tensor(PickleTensor(type: type, key: key, offset: offset, shape: shape, strides: strides))
    }

    // MARK: The stack and the memo

    private static var damaged: ModelFileError {
        .badFormat("the pickle is damaged, or does not describe tensors as PyTorch does")
    }

    private func top() throws(ModelFileError) -> PickleValue {
        guard let value = stack.last, stack.count > marks.last ?? 0 else { throw Self.damaged }
        return value
    }

    private mutating func pop() throws(ModelFileError) -> PickleValue {
        let value = try top()
        stack.removeLast()
        return value
    }

    private mutating func popToMark() throws(ModelFileError) -> [PickleValue] {
        guard let mark = marks.popLast(), mark <= stack.count else { throw Self.damaged }
        let items = Array(stack[mark...])
        stack.removeSubrange(mark...)
        return items
    }

    private func remembered(_ number: Int) throws(ModelFileError) -> PickleValue {
        guard let value = memo[number] else { throw Self.damaged }
        return value
    }

    // MARK: The bytes

    private mutating func take(_ count: Int) throws(ModelFileError) -> UnsafeRawBufferPointer {
        guard count <= bytes.count - offset else { throw .truncated(what: "the pickle", offset: bytes.count) }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }

    private mutating func byte() throws(ModelFileError) -> UInt8 {
        try take(1)[0]
    }

    private mutating func little(_ count: Int) throws(ModelFileError) -> UInt64 {
        try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A whole number of any length, of which those are read that fit.
    private mutating func long() throws(ModelFileError) -> Int {
        let count = Int(try byte())
        guard count <= 8 else { throw .badFormat("the pickle has a whole number of \(count) bytes, which is not read") }
        let bytes = try take(count)
        let bits = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard count > 0, count < 8, let sign = bytes.last, sign & 0x80 != 0 else { return Int(truncatingIfNeeded: bits) }
        return Int(truncatingIfNeeded: bits | UInt64.max << UInt64(8 * count))
    }

    private mutating func text(_ count: Int) throws(ModelFileError) -> String {
        guard let text = String(validating: try take(count), as: UTF8.self) else {
            throw .badFormat("a string in the pickle is not valid UTF-8")
        }
        return text
    }

    private mutating func line() throws(ModelFileError) -> String {
        let rest = bytes[offset...]
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { throw .truncated(what: "the pickle", offset: bytes.count) }
        let text = try text(end - offset)
        offset += 1
        return text
    }
}
