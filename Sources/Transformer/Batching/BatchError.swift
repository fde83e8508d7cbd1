/// Why a piece of a sequence cannot enter a batch, or a batch cannot run.
public enum BatchError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The piece has no tokens.
    case empty
    /// The batch holds as many tokens as it can.
    case full(tokens: Int, maximum: Int)
    /// A token is not in the vocabulary.
    case tokenOutOfRange(Int32, vocabularySize: Int)
    /// The piece ends beyond the model's context, or starts before 0.
    case positionOutOfRange(Int, contextLength: Int)
    /// The blocks do not reach the piece's last position.
    case tooFewBlocks(found: Int, expected: Int)
    /// A block is not in the cache.
    case blockOutOfRange(Int32, blockCount: Int)
    /// The batch was made by another runner.
    case foreignBatch

    /// One sentence: what was wrong, and what was expected.
    public var description: String {
        switch self {
        case .empty:
            "a piece without tokens"
        case .full(let tokens, let maximum):
            "\(tokens) more tokens do not fit a batch of at most \(maximum)"
        case .tokenOutOfRange(let token, let size):
            "token \(token) is not in the vocabulary; expected 0 to \(size - 1)"
        case .positionOutOfRange(let position, let contextLength):
            "position \(position) is outside the context; expected 0 to \(contextLength - 1)"
        case .tooFewBlocks(let found, let expected):
            "\(found) blocks of the KV cache where the piece needs \(expected)"
        case .blockOutOfRange(let block, let count):
            "block \(block) is not in the KV cache; expected 0 to \(count - 1)"
        case .foreignBatch:
            "the batch was made for a model or cache of other sizes"
        }
    }
}
