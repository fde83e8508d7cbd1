/// What the patterns of pre-tokenizers have in common.
enum WordRuns {
    /// The end of the run of one class that starts at `index`.
    static func end(of scalarClass: ScalarClass, _ text: ScalarText, _ index: Int, _ limit: Int) -> Int {
        var end = index
        while end < limit, text.classes[end] == scalarClass { end += 1 }
        return end
    }

    /// `'s|'t|'re|'ve|'m|'ll|'d`: the end of an English contraction.
    static func contraction(_ text: ScalarText, _ index: Int, _ limit: Int, ignoringCase: Bool) -> Int? {
        func letter(_ offset: Int) -> UInt32 {
            guard index + offset < limit else { return 0 }
            let value = text.values[index + offset]
            return ignoringCase && (0x41...0x5a).contains(value) ? value + 0x20 : value
        }
        guard text.values[index] == 0x27 else { return nil }
        switch (letter(1), letter(2)) {
        case (0x73, _), (0x74, _), (0x6d, _), (0x64, _): return index + 2
        case (0x72, 0x65), (0x76, 0x65), (0x6c, 0x6c): return index + 3
        default: return nil
        }
    }

    /// `\s+(?!\S)|\s+`: white space, but for the last of several before something else. Of anything else, one scalar.
    static func space(_ text: ScalarText, _ index: Int, _ limit: Int) -> Int {
        let end = end(of: .space, text, index, limit)
        guard end > index else { return index + 1 }
        return end < limit && end - index > 1 ? end - 1 : end
    }
}
