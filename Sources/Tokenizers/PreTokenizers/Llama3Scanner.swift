/// Llama 3's pattern, and Qwen 2's with `digits` of 1:
/// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
struct Llama3Scanner {
    /// The longest number.
    let digits: Int

    /// Cuts a text.
    func split(_ text: ScalarText, _ word: (Range<Int>) -> Void) {
        var index = 0
        while index < text.count {
            let end =
                WordRuns.contraction(text, index, text.count, ignoringCase: true) ?? letters(text, index) ?? number(text, index)
                ?? symbols(text, index) ?? lines(text, index) ?? WordRuns.space(text, index, text.count)
            word(index..<end)
            index = end
        }
    }

    private func isLineBreak(_ text: ScalarText, _ index: Int) -> Bool {
        text.values[index] == 0x0a || text.values[index] == 0x0d
    }

    /// `[^\r\n\p{L}\p{N}]?\p{L}+`
    private func letters(_ text: ScalarText, _ index: Int) -> Int? {
        var start = index
        if text.classes[index] != .letter {
            guard text.classes[index] != .number, !isLineBreak(text, index) else { return nil }
            start += 1
        }
        guard start < text.count, text.classes[start] == .letter else { return nil }
        return WordRuns.end(of: .letter, text, start, text.count)
    }

    /// `\p{N}{1,digits}`
    private func number(_ text: ScalarText, _ index: Int) -> Int? {
        let end = WordRuns.end(of: .number, text, index, min(text.count, index + digits))
        return end > index ? end : nil
    }

    /// ` ?[^\s\p{L}\p{N}]+[\r\n]*`
    private func symbols(_ text: ScalarText, _ index: Int) -> Int? {
        let start = text.values[index] == 0x20 ? index + 1 : index
        guard start < text.count, text.classes[start] == .other else { return nil }
        var end = WordRuns.end(of: .other, text, start, text.count)
        while end < text.count, isLineBreak(text, end) { end += 1 }
        return end
    }

    /// `\s*[\r\n]+`: white space up to the last line break of its run.
    private func lines(_ text: ScalarText, _ index: Int) -> Int? {
        let end = WordRuns.end(of: .space, text, index, text.count)
        return (index..<end).last { isLineBreak(text, $0) }.map { $0 + 1 }
    }
}
