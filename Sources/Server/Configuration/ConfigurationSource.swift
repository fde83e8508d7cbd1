/// Where the value of a configuration key comes from, weakest first.
package enum ConfigurationSource: Sendable, Equatable, CustomStringConvertible {
    case standard
    case file(String)
    case environment(String)
    case commandLine

    /// The higher, the stronger.
    package var rank: Int {
        switch self {
        case .standard: 0
        case .file: 1
        case .environment: 2
        case .commandLine: 3
        }
    }

    package var description: String {
        switch self {
        case .standard: "default"
        case .file(let path): path
        case .environment(let variable): "environment variable \(variable)"
        case .commandLine: "command line"
        }
    }
}
