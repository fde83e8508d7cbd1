extension GGUFCursor {
    /// Passes over a metadata value, checking all of it, and tells what and where it is.
    mutating func readEntry(_ key: String) throws(ModelFileError) -> GGUFEntry {
        let type = try readType(key)
        switch type {
        case .string:
            return GGUFEntry(type: type, bytes: try readString("the value of \(key.quoted)"))
        case .array:
            return try readArray(key, depth: 1)
        default:
            let range = try skip(type.byteCount ?? 0, "the value of \(key.quoted)")
            guard type != .bool || bytes[range.lowerBound] <= 1 else {
                throw .badFormat("metadata key \(key.quoted) is a bool of value \(bytes[range.lowerBound]); expected 0 or 1")
            }
            return GGUFEntry(type: type, bytes: range)
        }
    }

    /// Passes over an array: the type of its elements, their number, and they themselves.
    private mutating func readArray(_ key: String, depth: Int) throws(ModelFileError) -> GGUFEntry {
        guard depth <= GGUFLimits.arrayDepth else {
            throw .badFormat("metadata key \(key.quoted) nests arrays more than \(GGUFLimits.arrayDepth) deep")
        }
        let element = try readType(key)
        let count = try readCount(of: element.minimumSize, atMost: GGUFLimits.arrayElements, "the length of the array \(key.quoted)")
        let start = offset
        switch element {
        case .string: for _ in 0..<count { _ = try readString("the array \(key.quoted)") }
        case .array: for _ in 0..<count { _ = try readArray(key, depth: depth + 1) }
        default: _ = try skip(count * element.minimumSize, "the array \(key.quoted)")
        }
        return GGUFEntry(type: .array, bytes: start..<offset, array: (element, count))
    }

    /// Reads a value of a type, as it lies in an array.
    ///
    /// - Throws: never where ``readEntry(_:)`` passed over it before.
    mutating func readValue(_ type: GGUFValueType, _ key: String) throws(ModelFileError) -> MetadataValue {
        switch type {
        case .string:
            return .string([UInt8](bytes[try readString(key)]))
        case .array:
            let element = try readType(key)
            return try readElements(element, count: try readCount(of: element.minimumSize, key), key)
        default:
            let range = try skip(type.minimumSize, key)
            if type == .bool { return .bool(bytes[range.lowerBound] != 0) }
            return switch GGUFScalar(type, bytes, range.lowerBound) {
            case .unsigned(let value): .unsigned(value)
            case .signed(let value): .signed(value)
            case .floating(let value): .float(value)
            }
        }
    }

    /// Reads an array's elements.
    mutating func readElements(_ type: GGUFValueType, count: Int, _ key: String) throws(ModelFileError) -> MetadataValue {
        var values: [MetadataValue] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try readValue(type, key)) }
        return .array(values)
    }
}
