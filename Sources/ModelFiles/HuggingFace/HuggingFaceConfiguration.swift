/// A `config.json`, read key by key with errors that name the key.
public struct HuggingFaceConfiguration: Sendable {
    /// The whole.
    public let json: JSONTree
    private let path: String

    init(path: String) throws(ModelFileError) {
        json = try JSONTree(path: path)
        self.path = path
        guard json.members != nil else { throw .badFormat("\(path.quoted) holds \(json.kind); expected an object") }
    }

    private init(_ json: JSONTree, path: String) {
        self.json = json
        self.path = path
    }

    /// The object of that name, as a configuration of its own; nil where there is none.
    func section(_ key: String) throws(ModelFileError) -> Self? {
        guard let value = json[key] else { return nil }
        guard value.members != nil else { throw wrong(key, "an object") }
        return Self(value, path: path)
    }

    /// The same, with another object's members where it has them.
    func merging(_ other: Self?) -> Self {
        guard let more = other?.json.members, let members = json.members else { return self }
        return Self(.object(members + more), path: path)
    }

    func integer(_ key: String, default fallback: Int? = nil) throws(ModelFileError) -> Int? {
        guard let value = json[key] else { return fallback }
        guard let integer = value.integer else { throw wrong(key, "a whole number") }
        return integer
    }

    func number(_ key: String, default fallback: Double? = nil) throws(ModelFileError) -> Double? {
        guard let value = json[key] else { return fallback }
        guard let number = value.number else { throw wrong(key, "a number") }
        return number
    }

    func word(_ key: String) throws(ModelFileError) -> String? {
        guard let value = json[key] else { return nil }
        guard let string = value.word else { throw wrong(key, "a string") }
        return string
    }

    func bool(_ key: String, default fallback: Bool? = nil) throws(ModelFileError) -> Bool? {
        guard let value = json[key] else { return fallback }
        guard let bool = value.bool else { throw wrong(key, "true or false") }
        return bool
    }

    func floats(_ key: String) throws(ModelFileError) -> [Float]? {
        guard let value = json[key] else { return nil }
        guard let values = value.array else { throw wrong(key, "an array of numbers") }
        let numbers = values.compactMap { $0.number.map { Float($0) } }
        guard numbers.count == values.count else { throw wrong(key, "an array of numbers") }
        return numbers
    }

    func words(_ key: String) throws(ModelFileError) -> [String]? {
        guard let value = json[key] else { return nil }
        guard let values = value.array else { throw wrong(key, "an array of strings") }
        let strings = values.compactMap(\.word)
        guard strings.count == values.count else { throw wrong(key, "an array of strings") }
        return strings
    }

    /// Demands a key.
    func require<Value>(_ key: String, _ value: Value?) throws(ModelFileError) -> Value {
        guard let value else { throw .badFormat("\(path.quoted) lacks '\(key)'") }
        return value
    }

    func requireInteger(_ key: String) throws(ModelFileError) -> Int {
        try require(key, integer(key))
    }

    func requireNumber(_ key: String) throws(ModelFileError) -> Double {
        try require(key, number(key))
    }

    /// Refuses a configuration for something that is not built here.
    func unsupported(_ what: String) -> ModelFileError {
        .badFormat("\(path.quoted) has \(what), which is not supported")
    }

    private func wrong(_ key: String, _ expected: String) -> ModelFileError {
        .badFormat("'\(key)' in \(path.quoted) is \(json[key]?.kind ?? "absent"); expected \(expected)")
    }
}
