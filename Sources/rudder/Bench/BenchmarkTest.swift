/// One row of the benchmark: what is timed, and how many sequences run at once.
struct BenchmarkTest: Hashable {
    /// What the tokens of a row are.
    enum Kind: Hashable {
        /// A prompt of that many tokens, computed at once.
        case prefill(Int)
        /// That many tokens generated one after the other by each sequence.
        case decode(Int)
    }

    let kind: Kind
    let sequences: Int

    /// The rows that run by default.
    static let all: [BenchmarkTest] =
        [.init(kind: .prefill(128), sequences: 1), .init(kind: .prefill(512), sequences: 1), .init(kind: .decode(128), sequences: 1)]
        + [2, 4, 8, 16].map { .init(kind: .decode(32), sequences: $0) }

    /// The field's name for it: `pp512`, `tg128`.
    var name: String {
        switch kind {
        case .prefill(let tokens): "pp\(tokens)"
        case .decode(let tokens): "tg\(tokens)"
        }
    }

    /// Tokens of one run, all sequences together.
    var tokenCount: Int {
        switch kind {
        case .prefill(let tokens), .decode(let tokens): tokens * sequences
        }
    }
}
