import Logging

/// What one line of the log says.
package struct LogLine: Sendable {
    /// When, as RFC 3339.
    package var time: String
    package var level: Logger.Level
    package var message: String
    package var metadata: Logger.Metadata

    package init(time: String, level: Logger.Level, message: String, metadata: Logger.Metadata) {
        self.time = time
        self.level = level
        self.message = message
        self.metadata = metadata
    }

    /// The line's bytes, the line's end included. Whatever is in it, it is one line.
    package func encoded(_ format: LogFormat) -> [UInt8] {
        switch format {
        case .text: text
        case .json: json
        }
    }

    /// What every line of a request has, and what is looked for first in its own: written before the rest, in this order.
    private static let leading = ["request_id", "method", "path", "status", "duration", "bytes"]

    /// The metadata in the order in which it is written.
    private var ordered: [(name: String, value: Logger.MetadataValue)] {
        let rest = metadata.keys.filter { !Self.leading.contains($0) }.sorted()
        return (Self.leading + rest).compactMap { name in metadata[name].map { (name, $0) } }
    }

    // MARK: JSON

    private var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("time", time)
            writer.member("level", level.rawValue)
            writer.member("message", message)
            for (name, value) in ordered {
                writer.name(name)
                Self.write(value, to: &writer)
            }
        }
        writer.append("\n")
        return writer.bytes
    }

    private static func write(_ value: Logger.MetadataValue, to writer: inout JSONWriter) {
        switch value {
        case .string(let text): writer.value(text)
        case .stringConvertible(let number as Int): writer.value(number)
        case .stringConvertible(let number as Double): writer.value(number)
        case .stringConvertible(let flag as Bool): writer.value(flag)
        case .stringConvertible(let other): writer.value(other.description)
        case .array(let elements):
            writer.array { writer in
                for element in elements { write(element, to: &writer) }
            }
        case .dictionary(let members):
            writer.object { writer in
                for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                    writer.name(name)
                    write(member, to: &writer)
                }
            }
        }
    }

    // MARK: Text

    private var text: [UInt8] {
        var line = "\(time) \(level.rawValue) \(Self.onOneLine(message))"
        for (name, value) in ordered { line += " \(name)=\(Self.text(value))" }
        return Array((line + "\n").utf8)
    }

    /// A value that is one word as it is, others in quotes.
    private static func text(_ value: Logger.MetadataValue) -> String {
        let text =
            switch value {
            case .string(let text): text
            default: "\(value)"
            }
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3D } && !text.unicodeScalars.contains(where: isActive)
        guard text.isEmpty || !isPlain else { return text }
        var writer = JSONWriter()
        writer.value(text)
        return onOneLine(String(decoding: writer.bytes, as: UTF8.self))
    }

    /// Whether a character is not shown but does something: ends a line, turns the text's direction, is a command to a terminal.
    private static func isActive(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: scalar.properties.isBidiControl
        }
    }

    /// A message with its line ends and other control characters by their codes.
    private static func onOneLine(_ message: String) -> String {
        guard message.unicodeScalars.contains(where: isActive) else { return message }
        return message.unicodeScalars.reduce(into: "") { line, scalar in
            switch scalar {
            case "\n": line += "\\n"
            case "\r": line += "\\r"
            case "\t": line += "\\t"
            case _ where isActive(scalar): line += "\\u{\(String(scalar.value, radix: 16))}"
            default: line.unicodeScalars.append(scalar)
            }
        }
    }
}
