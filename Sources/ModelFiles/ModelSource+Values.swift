/// What a source that has its values in memory reads them as.
extension ModelSource {
    /// A string value; nil where the key is absent.
    public func string(_ key: String) throws(ModelFileError) -> String? {
        try typed(key, "string") { if case .string(let bytes) = $0 { String(validating: bytes, as: UTF8.self) } else { nil } }
    }

    /// An integer of any width; nil where the key is absent.
    public func integer(_ key: String) throws(ModelFileError) -> Int? {
        try typed(key, "integer") { $0.integer }
    }

    /// A number of any type; nil where the key is absent.
    public func float(_ key: String) throws(ModelFileError) -> Double? {
        try typed(key, "number") { $0.number }
    }

    /// A truth value; nil where the key is absent.
    public func bool(_ key: String) throws(ModelFileError) -> Bool? {
        try typed(key, "bool") { if case .bool(let value) = $0 { value } else { nil } }
    }

    /// An array of strings as bytes; nil where the key is absent.
    public func strings(_ key: String) throws(ModelFileError) -> [[UInt8]]? {
        try elements(key, "array of strings") { if case .string(let bytes) = $0 { bytes } else { nil } }
    }

    /// An array of integers of any width; nil where the key is absent.
    public func integers(_ key: String) throws(ModelFileError) -> [Int]? {
        try elements(key, "array of integers") { $0.integer }
    }

    /// An array of numbers of any type; nil where the key is absent.
    public func floats(_ key: String) throws(ModelFileError) -> [Float]? {
        try elements(key, "array of numbers") { $0.number.map { Float($0) } }
    }

    private func typed<Value>(_ key: String, _ expected: String, _ read: (MetadataValue) -> Value?) throws(ModelFileError) -> Value? {
        guard let value = try value(key) else { return nil }
        guard let read = read(value) else { throw .wrongType(key: key, found: "another", expected: expected) }
        return read
    }

    private func elements<Value>(_ key: String, _ expected: String, _ read: (MetadataValue) -> Value?) throws(ModelFileError) -> [Value]? {
        try typed(key, expected) { value in
            guard case .array(let items) = value else { return nil }
            let values = items.compactMap(read)
            return values.count == items.count ? values : nil
        }
    }
}

extension MetadataValue {
    /// An integer that 63 bits hold.
    fileprivate var integer: Int? {
        switch self {
        case .unsigned(let value): Int(exactly: value)
        case .signed(let value): Int(exactly: value)
        default: nil
        }
    }

    fileprivate var number: Double? {
        switch self {
        case .unsigned(let value): Double(value)
        case .signed(let value): Double(value)
        case .float(let value): value
        default: nil
        }
    }
}
