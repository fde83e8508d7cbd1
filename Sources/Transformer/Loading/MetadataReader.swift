import ModelFiles

/// Reads typed, ranged values under one prefix of a GGUF file's metadata, and names the key where something is wrong.
struct MetadataReader {
    let file: GGUFFile
    var prefix: String?

    func fullKey(_ key: String) -> String {
        prefix.map { "\($0).\(key)" } ?? key
    }

    func string(_ key: String, default fallback: String? = nil) throws(ModelError) -> String {
        let name = fullKey(key)
        let value = try checked { () throws(ModelFileError) in try file.string(name) }
        guard let value = value ?? fallback else { throw .missingKey(name) }
        return value
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
