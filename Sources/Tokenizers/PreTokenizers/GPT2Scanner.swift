/// GPT-2's pattern: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
enum GPT2Scanner {
    /// Cuts the scalars `range` of a text, as if they were all of it.
    static func split(_ text: ScalarText, _ range: Range<Int>, _ word: (Range<Int>) -> Void) {
        var index = range.lowerBound
        while index < range.upperBound {
            let end =
                contraction(text, index, range.upperBound) ?? run(text, index, range.upperBound)
                ?? WordRuns.space(text, index, range.upperBound)
            word(index..<end)
            index = end
        }
    }

    private static func contraction(_ text: ScalarText, _ index: Int, _ limit: Int) -> Int? {
        WordRuns.contraction(text, index, limit, ignoringCase: false)
    }

    /// ` ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+`
    private static func run(_ text: ScalarText, _ index: Int, _ limit: Int) -> Int? {
        let start = text.values[index] == 0x20 ? index + 1 : index
        guard start < limit, text.classes[start] != .space else { return nil }
        return WordRuns.end(of: text.classes[start], text, start, limit)
    }
}
