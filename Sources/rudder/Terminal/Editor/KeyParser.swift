/// Makes keys of the bytes that a terminal sends, however they are cut into pieces.
package struct KeyParser: Sendable {
    /// Bytes that begin a key and do not complete it.
    private var pending: [UInt8] = []
    /// What came of a paste that has begun; nil outside of one.
    private var pasted: [UInt8]?

    private static let escape: UInt8 = 0x1b
    private static let interrupt: UInt8 = 0x03
    private static let pasteEnd: [UInt8] = Array("\u{1b}[201~".utf8)
    /// No sequence that means something is longer; what is longer is passed over.
    private static let longestSequence = 32

    package init() {}

    /// Takes bytes as they came.
    ///
    /// - Returns: the keys that are complete.
    package mutating func take(_ bytes: some Swift.Sequence<UInt8>) -> [Key] {
        var keys: [Key] = []
        let bytes = Array(bytes)
        // Ctrl-C by itself was typed, and not pasted: the end of the paste does not come any more.
        if pasted != nil, bytes == [Self.interrupt] {
            pasted = nil
            return [.interrupt]
        }
        for byte in bytes {
            if pasted != nil {
                if let paste = takePasted(byte) { keys.append(.paste(paste)) }
            } else {
                pending.append(byte)
                switch Self.key(of: pending) {
                case .incomplete: continue
                case .nothing: pending = []
                case .key(let key):
                    pending = []
                    keys.append(key)
                case .pasteBegins:
                    pending = []
                    pasted = []
                case .notText(let start):
                    // What began a character and did not end as one is no text; the byte that ended it may be.
                    pending = []
                    if start { keys += take([byte]) }
                }
            }
        }
        return keys
    }

    /// Nothing came for a while: an Escape that stands alone begins no sequence.
    package mutating func pause() {
        if pending.first == Self.escape { pending = [] }
    }

    private mutating func takePasted(_ byte: UInt8) -> String? {
        guard var bytes = pasted else { return nil }
        pasted = nil
        bytes.append(byte)
        guard bytes.count >= Self.pasteEnd.count, bytes.suffix(Self.pasteEnd.count).elementsEqual(Self.pasteEnd) else {
            pasted = bytes
            return nil
        }
        bytes.removeLast(Self.pasteEnd.count)
        return Self.plain(bytes)
    }

    /// Pasted bytes as text: line ends are line feeds, and nothing in it controls the terminal.
    private static func plain(_ bytes: [UInt8]) -> String {
        var text = String.UnicodeScalarView()
        var wasReturn = false
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            defer { wasReturn = scalar == "\r" }
            switch scalar {
            case "\r": text.append("\n")
            case "\n": if !wasReturn { text.append("\n") }
            case "\t": text.append("\t")
            default: if scalar.properties.generalCategory != .control { text.append(scalar) }
            }
        }
        return String(text)
    }

    private enum Outcome {
        case incomplete
        case nothing
        case key(Key)
        case pasteBegins
        /// No text; whether the last byte begins anew.
        case notText(beginsAnew: Bool)
    }

    private static func key(of bytes: [UInt8]) -> Outcome {
        let first = bytes[0]
        if first == escape { return sequence(bytes) }
        if first < 0x20 || first == 0x7f { return control(first) }
        return text(bytes)
    }

    private static func control(_ byte: UInt8) -> Outcome {
        switch byte {
        case 0x01: .key(.home)
        case 0x02: .key(.left)
        case interrupt: .key(.interrupt)
        case 0x04: .key(.endOfInput)
        case 0x05: .key(.end)
        case 0x06: .key(.right)
        case 0x08, 0x7f: .key(.backspace)
        case 0x09: .key(.tab)
        case 0x0a, 0x0d: .key(.enter)
        case 0x0b: .key(.deleteToEnd)
        case 0x0c: .key(.clearScreen)
        case 0x0e: .key(.down)
        case 0x10: .key(.up)
        case 0x15: .key(.deleteToStart)
        case 0x17: .key(.deleteWordBefore)
        case 0x1a: .key(.suspend)
        default: .nothing
        }
    }

    private static func text(_ bytes: [UInt8]) -> Outcome {
        let length: Int
        switch bytes[0] {
        case 0x20..<0x80: length = 1
        case 0xc2..<0xe0: length = 2
        case 0xe0..<0xf0: length = 3
        case 0xf0..<0xf5: length = 4
        default: return .notText(beginsAnew: false)
        }
        if let last = bytes.last, bytes.count > 1, last & 0xc0 != 0x80 { return .notText(beginsAnew: true) }
        guard bytes.count == length else { return .incomplete }
        guard let text = String(validating: bytes, as: UTF8.self) else { return .notText(beginsAnew: false) }
        // Control characters of two bytes.
        guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else { return .nothing }
        return .key(.text(text))
    }

    /// Escape sequences, as xterm and those after it send them.
    private static func sequence(_ bytes: [UInt8]) -> Outcome {
        guard bytes.count > 1 else { return .incomplete }
        switch bytes[1] {
        case UInt8(ascii: "["), UInt8(ascii: "O"):
            guard let last = bytes.last, bytes.count > 2 else { return .incomplete }
            // Function keys of Linux's console: one more letter follows.
            if bytes[1...].elementsEqual("[[".utf8) { return .incomplete }
            // Parameters come before the final byte.
            guard last >= 0x40 && last <= 0x7e else { return bytes.count < longestSequence ? .incomplete : .nothing }
            return named(String(decoding: bytes[2...], as: UTF8.self))
        case UInt8(ascii: "b"): return .key(.wordLeft)
        case UInt8(ascii: "f"): return .key(.wordRight)
        case UInt8(ascii: "d"): return .key(.deleteWordAfter)
        case 0x08, 0x7f: return .key(.deleteWordBefore)
        case 0x0a, 0x0d: return .key(.newline)
        case escape: return .notText(beginsAnew: true)
        default: return .nothing
        }
    }

    private static func named(_ sequence: String) -> Outcome {
        switch sequence {
        case "A": .key(.up)
        case "B": .key(.down)
        case "C": .key(.right)
        case "D": .key(.left)
        case "H", "1~", "7~": .key(.home)
        case "F", "4~", "8~": .key(.end)
        case "3~": .key(.delete)
        case "1;5D", "1;3D", "5D": .key(.wordLeft)
        case "1;5C", "1;3C", "5C": .key(.wordRight)
        case "3;5~", "3;3~": .key(.deleteWordAfter)
        case "200~": .pasteBegins
        default: .nothing
        }
    }
}
