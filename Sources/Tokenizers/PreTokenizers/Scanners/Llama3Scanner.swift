/// Llama 3's pattern, and Qwen 2's with numbers of one digit:
/// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
struct Llama3Scanner: Sendable {
    /// The longest number.
    let maximumDigits: Int

    /// The end of the word that starts at `index`.
    func wordEnd(_ text: ScalarText, from index: Int) -> Int {
        guard let first = text.element(at: index) else { return index }
        if first.value == 0x27, let end = Contractions.end(text, from: index, ignoringCase: true) { return end }
        switch first.kind {
        case .letter: return text.runEnd(of: .letter, from: first.end)
        case .number: return number(text, from: index)
        case .other, .space: break
        }
        let next = text.element(at: first.end)
        if let next, next.kind == .letter, !isLineBreak(first.value) { return text.runEnd(of: .letter, from: next.end) }
        if first.kind == .other { return symbols(text, from: first.end) }
        if first.value == 0x20, let next, next.kind == .other { return symbols(text, from: next.end) }
        return lines(text, from: index) ?? WhiteSpace.end(text, from: index)
    }

    private func isLineBreak(_ value: UInt32) -> Bool {
        value == 0x0a || value == 0x0d
    }

    /// `\p{N}{1,maximumDigits}`
    private func number(_ text: ScalarText, from index: Int) -> Int {
        var (end, count) = (index, 0)
        while count < maximumDigits, let next = text.element(at: end), next.kind == .number { (end, count) = (next.end, count + 1) }
        return end
    }

    /// The rest of ` ?[^\s\p{L}\p{N}]+[\r\n]*`
    private func symbols(_ text: ScalarText, from index: Int) -> Int {
        var end = text.runEnd(of: .other, from: index)
        while let next = text.element(at: end), isLineBreak(next.value) { end = next.end }
        return end
    }

    /// `\s*[\r\n]+`: white space up to the last line break of its run; nil where the run has none.
    private func lines(_ text: ScalarText, from index: Int) -> Int? {
        var (found, end): (Int?, Int) = (nil, index)
        while let next = text.element(at: end), next.kind == .space {
            end = next.end
            if isLineBreak(next.value) { found = end }
        }
        return found
    }
}
