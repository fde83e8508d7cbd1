/// One row of the benchmark: what is timed, how many sequences run at once, behind how long a text, and how they are steered.
package struct BenchmarkTest: Hashable {
    /// What the tokens of a row are.
    package enum Kind: Hashable {
        /// A prompt of that many tokens, computed at once.
        case prefill(Int)
        /// That many tokens generated one after the other by each sequence.
        case decode(Int)
    }

    package let kind: Kind
    package let sequences: Int
    /// How many tokens each sequence has in the cache before the clock starts.
    package var depth = 0
    package var control: BenchmarkControl?

    /// The row that control is compared with.
    package static let plainDecode = BenchmarkTest(kind: .decode(128), sequences: 1)

    /// The rows that run by default, without control.
    package static let plain: [BenchmarkTest] =
        [.init(kind: .prefill(128), sequences: 1), .init(kind: .prefill(512), sequences: 1), plainDecode]
        + [2, 4, 8, 16].map { .init(kind: .decode(32), sequences: $0) }

    /// The rows that run by default, with control.
    package static let controlled = BenchmarkControl.all.map { BenchmarkTest(kind: .decode(128), sequences: 1, control: $0) }

    /// All that run by default.
    package static let all = plain + controlled

    /// What attention costs behind a text of so many tokens: a piece of a prompt, and single tokens.
    package static func behind(_ depth: Int) -> [BenchmarkTest] {
        [.init(kind: .prefill(512), sequences: 1, depth: depth), .init(kind: .decode(32), sequences: 1, depth: depth)]
    }

    /// The field's name for it: `pp512`, `tg128`, and `tg32@4096` behind a text.
    package var name: String {
        let place = depth > 0 ? "@\(depth)" : ""
        return switch kind {
        case .prefill(let tokens): "pp\(tokens)\(place)"
        case .decode(let tokens): "tg\(tokens)\(place)"
        }
    }

    /// Tokens of one run, all sequences together.
    var tokenCount: Int {
        tokensPerSequence * sequences
    }

    /// Tokens of one run of each sequence.
    var tokensPerSequence: Int {
        switch kind {
        case .prefill(let tokens), .decode(let tokens): tokens
        }
    }

    /// The same, shortened to what brings code and weights into the caches.
    var warmUp: BenchmarkTest {
        switch kind {
        case .prefill: self
        case .decode(let tokens): BenchmarkTest(kind: .decode(min(tokens, 16)), sequences: sequences, depth: depth, control: control)
        }
    }
}
