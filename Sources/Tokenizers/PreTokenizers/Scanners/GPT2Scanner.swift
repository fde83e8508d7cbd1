/// GPT-2's pattern: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
struct GPT2Scanner: Sendable {
    /// Whether text is first cut at every `\p{N}`, each a word by itself, and the pattern sees only what lies between.
    let isolatesNumbers: Bool

    /// The end of the word that starts at `index`.
    func wordEnd(_ text: ScalarText, from index: Int) -> Int {
        guard let first = text.element(at: index) else { return index }
        if isolatesNumbers, first.kind == .number { return first.end }
        if first.value == 0x27, let end = Contractions.end(text, from: index, ignoringCase: false) { return end }
        if first.kind != .space { return text.runEnd(of: first.kind, from: first.end) }
        if first.value == 0x20, let next = text.element(at: first.end), next.kind != .space, !(isolatesNumbers && next.kind == .number) {
            return text.runEnd(of: next.kind, from: next.end)
        }
        return WhiteSpace.end(text, from: index, endsBeforeNumbers: isolatesNumbers)
    }
}
