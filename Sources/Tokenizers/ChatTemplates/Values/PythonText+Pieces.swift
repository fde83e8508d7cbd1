extension PythonText {
    /// What stands between the last `limit` occurrences of a separator, which is not empty.
    static func splitFromEnd(_ text: String, _ separator: String, limit: Int) -> [String] {
        let reversed = split(reverse(text), reverse(separator), limit: limit)
        return reversed.reversed().map { reverse($0) }
    }

    /// Words between white space from the end; before `limit` of them the rest as it is.
    static func wordsFromEnd(_ text: String, limit: Int) -> [String] {
        words(reverse(text), limit: limit).reversed().map { reverse($0) }
    }

    private static func reverse(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: text.unicodeScalars.reversed())
        return String(scalars)
    }

    /// Where `part` starts for the last time.
    static func lastOccurrence(of part: [UInt8], in text: [UInt8]) -> Int? {
        occurrences(of: part.reversed(), in: text.reversed(), limit: 1).first.map { text.count - $0 - part.count }
    }

    /// Lines, at the breaks that Python knows; at most `limit` of them, and one more if there are more.
    static func lines(_ text: String, keepsEnds: Bool, limit: Int = .max) -> [String] {
        let bytes = Array(text.utf8)
        var (lines, start, index): ([String], Int, Int) = ([], 0, 0)
        while index < bytes.count, lines.count <= limit {
            let length = breakLength(bytes, at: index)
            guard length > 0 else {
                index += 1
                continue
            }
            lines.append(String(decoding: bytes[start..<(keepsEnds ? index + length : index)], as: UTF8.self))
            index += length
            start = index
        }
        return start == bytes.count || lines.count > limit ? lines : lines + [String(decoding: bytes[start...], as: UTF8.self)]
    }

    /// How many bytes of a line break are at an offset of UTF-8.
    private static func breakLength(_ bytes: [UInt8], at index: Int) -> Int {
        func byte(_ offset: Int) -> UInt8 { index + offset < bytes.count ? bytes[index + offset] : 0 }
        return switch byte(0) {
        case 0x0d: byte(1) == 0x0a ? 2 : 1
        case 0x0a, 0x0b, 0x0c, 0x1c, 0x1d, 0x1e: 1
        case 0xc2: byte(1) == 0x85 ? 2 : 0
        case 0xe2: byte(1) == 0x80 && (byte(2) == 0xa8 || byte(2) == 0xa9) ? 3 : 0
        default: 0
        }
    }

    /// Whether a text has letters with case, and all of them this one.
    static func isCased(_ text: String, upper: Bool) -> Bool {
        var hasCase = false
        for scalar in text.unicodeScalars where scalar.properties.isCased {
            guard upper ? scalar.properties.isUppercase : scalar.properties.isLowercase else { return false }
            hasCase = true
        }
        return hasCase
    }

    /// Python's `isalpha` and its like: whether a text has characters, and all are of one kind.
    static func isAll(_ name: String, _ text: String) -> Bool {
        if name == "islower" || name == "isupper" { return isCased(text, upper: name == "isupper") }
        return !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                switch name {
                case "isspace": isSpace(scalar)
                case "isalpha": isLetter(scalar)
                case "isalnum": isLetter(scalar) || scalar.properties.numericType != nil
                case "isdecimal": scalar.properties.numericType == .decimal
                case "isdigit": scalar.properties.numericType == .decimal || scalar.properties.numericType == .digit
                default: scalar.properties.numericType != nil
                }
            }
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }
}
