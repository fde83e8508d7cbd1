/// What Python's strings do, over bytes and Unicode scalars.
enum PythonText {
    /// Python's white space: Unicode's, and four separators of ASCII.
    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x80
            ? scalar.value == 0x20 || (0x09...0x0d).contains(scalar.value) || (0x1c...0x1f).contains(scalar.value)
            : scalar.properties.isWhitespace
    }

    /// A text so many times, one behind the other; by doubling, for `String(repeating:count:)` takes its time.
    static func repeated(_ text: String, _ count: Int) -> String {
        var (result, doubled, rest) = ("", text, max(count, 0))
        while rest > 0 {
            if rest & 1 == 1 { result += doubled }
            rest >>= 1
            if rest > 0 { doubled += doubled }
        }
        return result
    }

    /// The end of the white space that begins at an offset of UTF-8.
    static func spaceEnd(_ text: [UInt8], from start: Int) -> Int {
        var index = start
        while index < text.count, let (value, length) = UTF8Sequence.decode(text, at: index, limit: text.count),
            let scalar = Unicode.Scalar(value), isSpace(scalar)
        {
            index += length
        }
        return index
    }

    /// The start of the white space that ends a part of UTF-8.
    static func spaceStart(_ text: [UInt8], in range: Range<Int>) -> Int {
        var end = range.upperBound
        while end > range.lowerBound {
            var start = end - 1
            while start > range.lowerBound, text[start] & 0xc0 == 0x80 { start -= 1 }
            guard let (value, length) = UTF8Sequence.decode(text, at: start, limit: end), start + length == end,
                let scalar = Unicode.Scalar(value), isSpace(scalar)
            else { break }
            end = start
        }
        return end
    }

    /// A text without the characters of a set, or white space, at its ends.
    static func strip(_ text: String, _ characters: String?, atStart: Bool, atEnd: Bool) -> String {
        guard let characters else {
            let bytes = Array(text.utf8)
            let start = atStart ? spaceEnd(bytes, from: 0) : 0
            let end = atEnd ? spaceStart(bytes, in: start..<bytes.count) : bytes.count
            return start == 0 && end == bytes.count ? text : String(decoding: bytes[start..<end], as: UTF8.self)
        }
        let set = Set(characters.unicodeScalars)
        func isOut(_ scalar: Unicode.Scalar) -> Bool { set.contains(scalar) }
        var scalars = Substring(text).unicodeScalars
        while atStart, let first = scalars.first, isOut(first) { scalars.removeFirst() }
        while atEnd, let last = scalars.last, isOut(last) { scalars.removeLast() }
        return String(scalars)
    }

    /// Where `part` starts in `text`, without overlaps, from left to right: Knuth, Morris and Pratt's search, linear in both.
    static func occurrences(of part: [UInt8], in text: [UInt8], limit: Int = .max) -> [Int] {
        guard !part.isEmpty, part.count <= text.count, limit > 0 else { return [] }
        var borders = [0]
        borders.reserveCapacity(part.count)
        var length = 0
        for byte in part.dropFirst() {
            while length > 0, part[length] != byte { length = borders[length - 1] }
            if part[length] == byte { length += 1 }
            borders.append(length)
        }
        var found: [Int] = []
        length = 0
        for (index, byte) in text.enumerated() {
            while length > 0, part[length] != byte { length = borders[length - 1] }
            if part[length] == byte { length += 1 }
            if length == part.count {
                found.append(index + 1 - length)
                guard found.count < limit else { break }
                length = 0
            }
        }
        return found
    }

    /// Whether `part` occurs in `text`, as bytes.
    static func contains(_ text: String, _ part: String) -> Bool {
        part.isEmpty || !occurrences(of: Array(part.utf8), in: Array(text.utf8), limit: 1).isEmpty
    }

    /// What stands between the first `limit` occurrences of a separator, which is not empty.
    static func split(_ text: String, _ separator: String, limit: Int = .max) -> [String] {
        let (bytes, part) = (Array(text.utf8), Array(separator.utf8))
        var (pieces, start): ([String], Int) = ([], 0)
        for index in occurrences(of: part, in: bytes, limit: limit) {
            pieces.append(String(decoding: bytes[start..<index], as: UTF8.self))
            start = index + part.count
        }
        pieces.append(String(decoding: bytes[start...], as: UTF8.self))
        return pieces
    }

    /// Words between white space; after `limit` of them the rest as it is.
    static func words(_ text: String, limit: Int = .max) -> [String] {
        var words: [String] = []
        var rest = Substring(text).unicodeScalars.drop { isSpace($0) }
        while !rest.isEmpty {
            guard words.count < limit else { return words + [String(rest)] }
            let word = rest.prefix { !isSpace($0) }
            words.append(String(word))
            rest = rest.dropFirst(word.count).drop { isSpace($0) }
        }
        return words
    }

    /// Title case, or upper case, for the first letter of each word, lower case for the rest; a word begins behind what `startsWord` says.
    static func title(_ text: String, upper: Bool = false, startsWord: (Unicode.Scalar) -> Bool) -> String {
        var result = ""
        var rest = String.UnicodeScalarView()
        var isStart = true
        for scalar in text.unicodeScalars {
            if isStart {
                // All but the first letters at once: mapping single scalars takes its time.
                result += String(rest).lowercased()
                rest.removeAll()
                result += upper ? scalar.properties.uppercaseMapping : scalar.properties.titlecaseMapping
            } else {
                rest.append(scalar)
            }
            isStart = startsWord(scalar)
        }
        return result + String(rest).lowercased()
    }

    /// Appends `\x`, `\u` or another such letter behind a backslash, and a number in so many lower-case hexadecimal digits.
    static func appendEscape(_ letter: UInt8, _ value: UInt32, digits: Int, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(letter)
        for place in (0..<digits).reversed() {
            let digit = UInt8(truncatingIfNeeded: value >> UInt32(4 * place) & 0xf)
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
        }
    }
}
