import ModelFiles

/// Reads typed, ranged values under one prefix of a model's metadata, and names the key where something is wrong.
struct MetadataReader {
    let file: any ModelSource
    var prefix: String?

    func fullKey(_ key: String) -> String {
        prefix.map { "\($0).\(key)" } ?? key
    }

    /// Whether the file has the key.
    func has(_ key: String) -> Bool {
        (try? file.value(fullKey(key))) ?? nil != nil
    }

    /// An array of `count` truths; nil where the file has none of that name.
    func flags(_ key: String, count: Int) throws(ModelError) -> [Bool]? {
        let name = fullKey(key)
        guard let value = try checked({ () throws(ModelFileError) in try file.value(name) }) else { return nil }
        guard case .array(let items) = value else { throw .badKey(name, found: "no array", expected: "\(count) truths") }
        let flags = items.compactMap { if case .bool(let flag) = $0 { flag } else { nil } }
        guard flags.count == items.count, flags.count == count else {
            throw .badKey(name, found: "an array of \(items.count)", expected: "\(count) truths")
        }
        return flags
    }

    /// A word, such as an architecture's name.
    func word(_ key: String, default fallback: String? = nil) throws(ModelError) -> String {
        let name = fullKey(key)
        let value = try checked { () throws(ModelFileError) in try file.string(name) }
        guard let value = value ?? fallback else { throw .missingKey(name) }
        return value.word
    }

    func integer(_ key: String, in range: ClosedRange<Int>, default fallback: Int? = nil) throws(ModelError) -> Int {
        let name = fullKey(key)
        let value = try checked { () throws(ModelFileError) in try file.integer(name) }
        guard let value = value ?? fallback else { throw .missingKey(name) }
        guard range.contains(value) else {
            throw .badKey(name, found: "\(value)", expected: "\(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func number(_ key: String, in range: ClosedRange<Double>, default fallback: Double? = nil) throws(ModelError) -> Double {
        let name = fullKey(key)
        let value = try checked { () throws(ModelFileError) in try file.float(name) }
        guard let value = value ?? fallback else { throw .missingKey(name) }
        guard range.contains(value) else {
            throw .badKey(name, found: "\(value)", expected: "\(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    private func checked<Value>(_ read: () throws(ModelFileError) -> Value) throws(ModelError) -> Value {
        do { return try read() } catch { throw .file(error) }
    }
}
