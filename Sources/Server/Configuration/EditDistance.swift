/// How many single-character changes lead from one word to another (Levenshtein).
package enum EditDistance {
    /// The word that is nearest; nil where there is none.
    package static func closest(to word: String, among words: [String]) -> String? {
        words.map { ($0, between(word, $0)) }.min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
    }

    package static func between(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8.prefix(128))
        let right = Array(right.utf8.prefix(128))
        var row = Array(0...right.count)
        for (i, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in right.enumerated() {
                let substitution = diagonal + (byte == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substitution, diagonal + 1, row[j] + 1)
            }
        }
        return row[right.count]
    }
}
