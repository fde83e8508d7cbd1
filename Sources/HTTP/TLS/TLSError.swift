/// Why a server's certificate, key or authorities cannot be used.
public enum TLSError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A file cannot be read, or is not what it should be.
    case unusable(what: String, path: String, reason: String)
    /// The key is not the certificate's.
    case mismatch(certificate: String, key: String)
    /// OpenSSL refused.
    case system(reason: String)

    /// One sentence.
    public var description: String {
        switch self {
        case .unusable(let what, let path, let reason): "the \(what) '\(path)' cannot be used: \(reason)"
        case .mismatch(let certificate, let key): "the key '\(key)' is not that of the certificate '\(certificate)'"
        case .system(let reason): "TLS cannot be set up: \(reason)"
        }
    }
}
