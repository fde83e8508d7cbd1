/// `'s|'t|'re|'ve|'m|'ll|'d`: the contractions of English.
enum Contractions {
    /// The end of the contraction that starts at `index`, where an apostrophe stands.
    ///
    /// Ignoring case is Unicode's: the long s (U+017F) counts as an s, as in the regular expressions that models were trained with.
    static func end(_ text: ScalarText, from index: Int, ignoringCase: Bool) -> Int? {
        let (first, end) = letter(text, at: index + 1, ignoringCase)
        switch first {
        case "s", "t", "m", "d": return end
        case "r", "v", "l":
            let (second, end) = letter(text, at: end, ignoringCase)
            return second == (first == "l" ? "l" : "e") ? end : nil
        default: return nil
        }
    }

    private static func letter(_ text: ScalarText, at index: Int, _ ignoringCase: Bool) -> (Unicode.Scalar?, end: Int) {
        guard let element = text.element(at: index) else { return (nil, index) }
        if ignoringCase, (0x41...0x5a).contains(element.value) { return (Unicode.Scalar(element.value + 0x20), element.end) }
        if ignoringCase, element.value == 0x17f { return ("s", element.end) }
        return (Unicode.Scalar(element.value), element.end)
    }
}
