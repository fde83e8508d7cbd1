/// Why bytes are not a weight matrix.
public enum WeightMatrixError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The matrix is empty or its rows are not whole blocks.
    case shape(rows: Int, columns: Int, blockSize: Int)
    /// The bytes are not as many as the shape says.
    case size(expected: Int, found: Int)

    /// One sentence: what was wrong, and what was expected.
    public var description: String {
        switch self {
        case .shape(let rows, let columns, let blockSize):
            "a matrix of \(rows) by \(columns): expected at least one row, and rows of whole blocks of \(blockSize)"
        case .size(let expected, let found):
            "\(found) bytes of weights where the shape wants \(expected)"
        }
    }
}
