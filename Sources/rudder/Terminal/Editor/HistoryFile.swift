import Foundation

/// The history between two runs: a line of text for each entry, which its owner alone can read.
package struct HistoryFile: Sendable {
    /// A longer entry was pasted, and is not remembered.
    private static let entryBytes = 16 << 10
    /// A longer file is shortened.
    private static let fileBytes = 4 << 20
    private let path: String

    package init(path: String) {
        self.path = path
    }

    /// Where it lies by the XDG base directories; nil where the environment does not say where a user's files are.
    package static func standard(_ environment: [String: String]) -> HistoryFile? {
        // A relative path is not valid there, says the specification.
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return HistoryFile(path: "\(state)/rudder/history") }
        guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
        return HistoryFile(path: "\(home)/.local/state/rudder/history")
    }

    /// The entries, oldest first. A file that is not there or cannot be read has none. One that has grown long is shortened.
    package func read() -> [String] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        let lines = String(decoding: data, as: UTF8.self).utf8.split(separator: UInt8(ascii: "\n"))
        let kept = lines.suffix(LineHistory.capacity).filter { $0.count <= 2 * Self.entryBytes }.map { String($0) ?? "" }
        if lines.count > 2 * LineHistory.capacity || data.count > Self.fileBytes { rewrite(kept) }
        return kept.filter { !$0.isEmpty }.map(Self.unescaped)
    }

    /// Adds an entry; none that is very long. Where that fails, the entry is not there the next time, which harms nothing else.
    package func append(_ entry: String) {
        guard entry.utf8.count <= Self.entryBytes else { return }
        try? FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let bytes = Self.escaped(entry) + [UInt8(ascii: "\n")]
        // One write, so that two programs' entries do not mix.
        _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }

    private func rewrite(_ lines: [String]) {
        let temporary = "\(path).\(getpid())"
        let data = Data((lines.joined(separator: "\n") + "\n").utf8)
        guard FileManager.default.createFile(atPath: temporary, contents: data, attributes: [.posixPermissions: 0o600]) else { return }
        if rename(temporary, path) != 0 { unlink(temporary) }
    }

    private static func escaped(_ entry: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for byte in entry.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): bytes += Array("\\\\".utf8)
            case UInt8(ascii: "\n"): bytes += Array("\\n".utf8)
            default: bytes.append(byte)
            }
        }
        return bytes
    }

    private static func unescaped(_ line: String) -> String {
        var entry = ""
        var isEscaped = false
        for scalar in line.unicodeScalars {
            if isEscaped {
                entry.unicodeScalars.append(scalar == "n" ? "\n" : scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else {
                entry.unicodeScalars.append(scalar)
            }
        }
        return entry
    }
}
