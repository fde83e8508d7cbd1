/// Why a body is no form (multipart/form-data, RFC 7578) that can be read.
public enum MultipartError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The request's Content-Type is another.
    case notMultipart
    /// The Content-Type names no boundary, or none that is allowed.
    case badBoundary
    /// A part's header is not one, or is too long.
    case badPart(String)
    /// The body ends before its last boundary.
    case unfinished

    /// One sentence.
    public var description: String {
        switch self {
        case .notMultipart: "the request's Content-Type is not multipart/form-data"
        case .badBoundary: "the Content-Type names no boundary of 1 to 70 characters"
        case .badPart(let reason): "a part of the form cannot be read: \(reason)"
        case .unfinished: "the form ends before its last boundary"
        }
    }
}
