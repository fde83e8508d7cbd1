/// How far a string is written.
struct StringState: Hashable, Sendable {
    private enum Phase: UInt8 {
        /// The opening quote is to come.
        case closed
        /// Between characters.
        case open
        /// Within a character of several bytes.
        case character
        /// Behind a backslash.
        case escape
        /// Within the four digits of `\u`.
        case hexadecimal
    }

    /// What a byte made of a string.
    enum Step {
        /// It goes on.
        case open(StringState)
        /// It ends with this byte.
        case ended
    }

    private var phase = Phase.closed
    /// Code points so far. Counted only as far as it matters.
    private(set) var count = 0
    /// How many bytes or digits the character still needs.
    private var pending = 0
    /// The bytes that may come next within a character.
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xBF
    /// Whether the first digit of `\u` was a D, behind which half of a surrogate pair would follow.
    private var isSurrogate = false

    /// Whether it stands between two characters, so that plain text may go on.
    var isOpen: Bool {
        phase == .open
    }

    /// How many more bytes the character or escape that was begun needs.
    private var pendingCost: Int {
        switch phase {
        case .closed, .open: 0
        case .character, .hexadecimal: pending
        case .escape: 1
        }
    }

    /// How many tokens are needed at most to end the string.
    ///
    /// - Parameter run: how many code points one token may have, each number up to it being some token's.
    func cost(_ limits: JSONStringLimits, run: Int) -> Int {
        (phase == .closed ? 2 : 1) + pendingCost + (max(0, limits.minimum - count) + run - 1) / run
    }

    /// The state behind a plain token of so many code points; nil where that is too many.
    func appending(_ length: Int, _ limits: JSONStringLimits) -> StringState? {
        if let maximum = limits.maximum, length > maximum - count { return nil }
        var next = self
        next.add(length, limits)
        return next
    }

    private mutating func add(_ length: Int, _ limits: JSONStringLimits) {
        count += length
        // Beyond the minimum, where there is no maximum, all is alike.
        if limits.maximum == nil { count = min(count, limits.minimum) }
    }

    /// Reads a byte; nil where it cannot stand here.
    func reading(_ byte: UInt8, _ limits: JSONStringLimits, allowsEscapes: Bool = true) -> Step? {
        var next = self
        switch phase {
        case .closed:
            guard byte == UInt8(ascii: "\"") else { return nil }
            next.phase = .open
        case .open:
            if byte == UInt8(ascii: "\"") { return count >= limits.minimum ? .ended : nil }
            if let maximum = limits.maximum, count >= maximum { return nil }
            next.add(1, limits)
            guard next.begin(byte, allowsEscapes: allowsEscapes) else { return nil }
        case .character:
            guard (lowest...highest).contains(byte) else { return nil }
            (next.lowest, next.highest) = (0x80, 0xBF)
            next.pending -= 1
            if next.pending == 0 { next.phase = .open }
        case .escape:
            if byte == UInt8(ascii: "u") {
                (next.phase, next.pending) = (.hexadecimal, 4)
            } else {
                guard "\"\\/bfnrt".utf8.contains(byte) else { return nil }
                next.phase = .open
            }
        case .hexadecimal:
            guard next.readDigit(byte) else { return nil }
        }
        return .open(next)
    }

    /// Begins a character (Unicode, table 3-7) or an escape.
    private mutating func begin(_ byte: UInt8, allowsEscapes: Bool) -> Bool {
        (lowest, highest, phase) = (0x80, 0xBF, .character)
        switch byte {
        case UInt8(ascii: "\\"):
            guard allowsEscapes else { return false }
            phase = .escape
        case 0x20...0x7F: phase = .open
        case 0xC2...0xDF: pending = 1
        case 0xE0: (pending, lowest) = (2, 0xA0)
        case 0xED: (pending, highest) = (2, 0x9F)
        case 0xE1...0xEF: pending = 2
        case 0xF0: (pending, lowest) = (3, 0x90)
        case 0xF4: (pending, highest) = (3, 0x8F)
        case 0xF1...0xF3: pending = 3
        default: return false
        }
        return true
    }

    /// Reads a digit of `\u`. Surrogate pairs are left to characters themselves.
    private mutating func readDigit(_ byte: UInt8) -> Bool {
        let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        guard isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20) else { return false }
        if pending == 3, isSurrogate, !(isDigit && byte < UInt8(ascii: "8")) { return false }
        isSurrogate = pending == 4 && byte | 0x20 == UInt8(ascii: "d")
        pending -= 1
        if pending == 0 { phase = .open }
        return true
    }

    /// Whether it stands within a character of several bytes.
    var isWithinCharacter: Bool {
        phase == .character
    }
}
