/// How little an answer repeats itself, as RE-Control's code measures it.
public enum Diversity {
    /// Over whitespace-separated words, the product for n = 2, 3 and 4 of the number of different n-grams over one more than the number of all: 0 to 1.
    public static func of(_ text: String) -> Double {
        let words = text.split(whereSeparator: \.isWhitespace)
        return (2...4).reduce(1) { product, n in
            guard words.count >= n else { return 0 }
            let grams = (0...words.count - n).map { words[$0..<$0 + n] }
            return product * Double(Set(grams).count) / Double(grams.count + 1)
        }
    }
}
