/// A path with names in it: `/v1/heads/{name}`. A name stands for one segment that is not empty.
struct RoutePattern: Sendable {
    private enum Segment: Sendable {
        case literal([UInt8])
        case parameter(String)
    }

    /// How many segments a path has at most; one that has more is no route's.
    static let mostSegments = 32

    /// The segments of a path.
    static func segments(of path: String) -> [Substring] {
        path.utf8.split(separator: UInt8(ascii: "/"), maxSplits: mostSegments, omittingEmptySubsequences: false).dropFirst().map {
            Substring($0)
        }
    }

    /// The pattern as it was written.
    let text: String
    private let segments: [Segment]

    init(_ pattern: String) {
        text = pattern
        segments = pattern.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { segment in
            segment.hasPrefix("{") && segment.hasSuffix("}")
                ? .parameter(String(segment.dropFirst().dropLast())) : .literal(Array(segment.utf8))
        }
    }

    /// What the names stand for; nil where the path is another. Segments are taken apart before they are percent-decoded, so an encoded slash stays
    /// in its segment.
    ///
    /// - Parameter parts: The path's segments, percent-encoded.
    func match(_ parts: [Substring]) -> [String: String]? {
        guard parts.count == segments.count else { return nil }
        var parameters: [String: String] = [:]
        for (segment, part) in zip(segments, parts) {
            guard let text = PercentDecoding.decode(part) else { return nil }
            switch segment {
            case .literal(let bytes): guard text.utf8.elementsEqual(bytes) else { return nil }
            case .parameter(let name):
                guard !text.isEmpty else { return nil }
                parameters[name] = text
            }
        }
        return parameters
    }
}
