/// A set of a vocabulary's tokens.
package struct TokenMask: Sendable, Equatable {
    private var words: [UInt64]

    /// The empty set.
    package init(count: Int) {
        words = [UInt64](repeating: 0, count: (count + 63) / 64)
    }

    /// Whether a token is in the set.
    package func contains(_ token: Int) -> Bool {
        token >> 6 < words.count && words[token >> 6] >> UInt64(token & 63) & 1 != 0
    }

    /// Adds a token of the vocabulary.
    package mutating func insert(_ token: Int) {
        words[token >> 6] |= 1 << UInt64(token & 63)
    }

    /// Takes tokens of the vocabulary out.
    mutating func remove(_ tokens: ArraySlice<Int32>) {
        for token in tokens { words[Int(token) >> 6] &= ~(1 << UInt64(token & 63)) }
    }

    /// Adds another set's tokens.
    mutating func formUnion(_ other: TokenMask) {
        for index in words.indices { words[index] |= other.words[index] }
    }

    /// Whether the set has no tokens.
    package var isEmpty: Bool {
        words.allSatisfy { $0 == 0 }
    }

    /// Gives every token that is not in the set the lowest logit there is.
    func apply(to logits: inout MutableSpan<Float>) {
        for index in 0..<logits.count where !contains(index) { logits[index] = -.greatestFiniteMagnitude }
    }
}
