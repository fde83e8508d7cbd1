/// Why a configuration cannot be used. Every case names the key or the place.
package enum ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// The file cannot be read.
    case unreadable(path: String, reason: String)
    /// The file of API keys cannot be read, or is not what one looks like.
    case keyFile(path: String, reason: String)
    /// The file is not YAML, or not a mapping of sections.
    case malformed(path: String, reason: String)
    /// A key that the server does not know.
    case unknownKey(name: String, suggestion: String?)
    /// A variable of the environment that would be about access, and names no key.
    case unknownVariable(name: String, suggestion: String?)
    /// A key that stands twice in one mapping.
    case duplicateKey(name: String)
    /// A value of the wrong type or range.
    case badValue(name: String, value: String?, source: String, expectation: String)
    /// A key that must be there.
    case missing(name: String, why: String)
    /// Two settings that exclude each other.
    case conflict(names: [String], why: String)

    /// What to do about a value; of one from the command line its expectation says that.
    private static func nextStep(source: String) -> String {
        if source.hasPrefix("environment variable") { return "; set the variable anew, or unset it" }
        return ["command line", "default"].contains(source) ? "" : "; correct it there"
    }

    package var description: String {
        switch self {
        case .unreadable(let path, let reason):
            return "cannot read the configuration file \(path): \(reason); --config names another"
        case .keyFile(let path, let reason):
            return "the file of API keys \(path) cannot be used: \(reason)"
        case .malformed(let path, let reason):
            return "the configuration file \(path) is not as it should be: \(reason); correct it there, or name another file with --config"
        case .unknownKey(let name, let suggestion):
            return "unknown configuration key '\(name)'"
                + (suggestion.map { "; did you mean '\($0)'?" } ?? "; `rudder serve --help` says where all keys are listed")
        case .unknownVariable(let name, let suggestion):
            return "the environment variable \(name) names no configuration key"
                + (suggestion.map { "; did you mean \($0)?" } ?? "; unset it")
        case .duplicateKey(let name):
            return "configuration key '\(name)' stands twice; remove one of them"
        case .badValue(let name, let value, let source, let expectation):
            return "configuration key '\(name)' must be \(expectation)" + (value.map { ", not '\($0)'" } ?? "") + " (\(source))"
                + Self.nextStep(source: source)
        case .missing(let name, let why):
            return "configuration key '\(name)' is missing: \(why)"
        case .conflict(let names, let why):
            return "configuration keys \(names.map { "'\($0)'" }.joined(separator: " and ")): \(why)"
        }
    }
}
