/// Why a request got no whole answer.
package enum LoadFailure: Error, Hashable, CustomStringConvertible {
    /// No connection came about, or it broke.
    case connection(String)
    /// The server closed before the answer was whole.
    case cutShort
    /// An answer of another status than 200; 429 counts apart.
    case status(Int)
    /// The stream held an error.
    case stream(String)
    /// What came is not HTTP, or not events.
    case malformed(String)

    /// The kind under which it is counted.
    package var description: String {
        switch self {
        case .connection(let reason): "connection: \(reason)"
        case .cutShort: "closed before the end"
        case .status(let code): "status \(code)"
        case .stream(let message): "error in the stream: \(message)"
        case .malformed(let reason): "malformed: \(reason)"
        }
    }
}
