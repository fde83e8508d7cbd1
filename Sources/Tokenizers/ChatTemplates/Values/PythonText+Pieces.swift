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

    /// Lines, at the breaks that Python knows.
    static func lines(_ text: String, keepsEnds: Bool) -> [String] {
        var (lines, line): ([String], String.UnicodeScalarView) = ([], String.UnicodeScalarView())
        var scalars = Substring(text).unicodeScalars
        while let scalar = scalars.popFirst() {
            switch scalar.value {
            case 0x0a, 0x0b, 0x0c, 0x0d, 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
                if keepsEnds { line.append(scalar) }
                if scalar == "\r", scalars.first == "\n" {
                    scalars.removeFirst()
                    if keepsEnds { line.append("\n") }
                }
                lines.append(String(line))
                line = String.UnicodeScalarView()
            default: line.append(scalar)
            }
        }
        return line.isEmpty ? lines : lines + [String(line)]
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
