import Foundation

/// Reads and writes files of one JSON value a line.
enum JSONLines {
    /// The longest line that is read.
    static let maximumLineBytes = 16 << 20

    /// Decodes line after line; empty ones are passed over. Not more than a piece of the file is in memory at once.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - each: takes every value with its line's number, from 1.
    static func read<Value: Decodable>(_ path: String, each: (Value, Int) throws(LineError) -> Void) throws(LineError) {
        try lines(path) { (bytes, number, _) throws(LineError) in
            if let value = try decode(Value.self, bytes, path: path, line: number) { try each(value, number) }
        }
    }

    /// Decodes a line; nil where it is empty.
    static func decode<Value: Decodable>(
        _ type: Value.Type,
        _ bytes: ArraySlice<UInt8>,
        path: String,
        line: Int
    ) throws(LineError) -> Value? {
        guard bytes.contains(where: { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }) else { return nil }
        do {
            return try JSONDecoder().decode(Value.self, from: Data(bytes))
        } catch {
            throw LineError(path: path, line: line, reason: reason(error))
        }
    }

    /// Shows line after line, without its end.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - each: takes the bytes, the line's number from 1, and whether its end was there.
    static func lines(_ path: String, each: (ArraySlice<UInt8>, Int, Bool) throws(LineError) -> Void) throws(LineError) {
        guard let file = FileHandle(forReadingAtPath: path) else { throw LineError(path: path, line: nil, reason: "cannot be opened") }
        defer { try? file.close() }
        var rest: [UInt8] = []
        var number = 0
        while true {
            let piece: Data?
            do {
                piece = try file.read(upToCount: 1 << 20)
            } catch {
                throw LineError(path: path, line: nil, reason: "cannot be read: \(error.localizedDescription)")
            }
            guard let piece, !piece.isEmpty else { break }
            var searched = rest.count
            rest += piece
            var start = 0
            while let end = rest[searched...].firstIndex(of: 0x0A) {
                number += 1
                try each(rest[start..<end], number, true)
                start = end + 1
                searched = start
            }
            rest.removeFirst(start)
            guard rest.count <= maximumLineBytes else {
                throw LineError(path: path, line: number + 1, reason: "is longer than \(maximumLineBytes) bytes")
            }
        }
        if !rest.isEmpty { try each(rest[...], number + 1, false) }
    }

    /// A value as one line, its end included. Keys are sorted, so that the same value gives the same bytes.
    static func line(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value)) + [0x0A]
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "is no JSON object" }
        return switch error {
        case .keyNotFound(let key, _): "'\(key.stringValue)' is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' is of another type: \(context.debugDescription)"
        case .dataCorrupted(let context):
            context.debugDescription.contains("not valid JSON") ? "is no JSON object" : context.debugDescription
        @unknown default: "is no JSON object"
        }
    }
}
