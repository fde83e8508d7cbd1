import Compute
import ModelFiles
import Synchronization

/// Keeps the Gram matrices of pairs of value functions, within a memory bound, for the controllers that need them.
///
/// They are known by their parameters' checksums, so that a head under two names, or uploaded again, is computed once. The least recently
/// used go first; a controller holds on to its own for as long as it lives.
public final class GramCache: Sendable {
    fileprivate struct Pair: Hashable {
        let first: SHA256Digest
        let second: SHA256Digest
    }

    fileprivate struct State {
        var matrices: [Pair: ParameterBuffer] = [:]
        /// Least recently used first.
        var order: [Pair] = []
        var byteCount = 0
    }

    /// How many bytes of matrices are kept, and how many one controller may have. The choice of its path depends on this and its heads
    /// alone, never on what else is in the cache: the same request gives the same bits under load.
    public let byteLimit: Int
    private let state = Mutex(State())

    /// Makes an empty cache.
    public init(byteLimit: Int = 256 << 20) {
        self.byteLimit = byteLimit
    }

    /// How many bytes of matrices are held now.
    public var byteCount: Int {
        state.withLock { $0.byteCount }
    }

    /// matrices[i][j] = Wᵢ Wⱼᵀ of the first layers; nil where all of them together are larger than the bound.
    func matrices(of functions: [ValueFunction]) -> [[ParameterBuffer]]? {
        let units = functions.reduce(0) { $0.addingReportingOverflow($1.layers[0].rows).partialValue }
        let (count, overflow) = units.multipliedReportingOverflow(by: units)
        guard !overflow, count <= byteLimit / MemoryLayout<Float>.stride else { return nil }
        return functions.map { first in functions.map { second in matrix(first, second) } }
    }

    private func matrix(_ first: ValueFunction, _ second: ValueFunction) -> ParameterBuffer {
        let pair = Pair(first: first.parameterDigest, second: second.parameterDigest)
        if let kept = state.withLock({ $0.use(pair) }) { return kept }
        let made = Self.make(first.layers[0], second.layers[0])
        return state.withLock { $0.keep(made, pair, limit: byteLimit) }
    }

    private static func make(_ first: DenseLayer, _ second: DenseLayer) -> ParameterBuffer {
        let (firstWeight, secondWeight) = (first.weight.floats, second.weight.floats)
        return ParameterBuffer(count: first.rows * second.rows) { gram in
            FloatKernels.gram(
                firstWeight,
                rows: first.rows,
                secondWeight,
                rows: second.rows,
                columns: first.columns,
                into: gram
            )
        }
    }
}

extension GramCache.State {
    fileprivate mutating func use(_ pair: GramCache.Pair) -> ParameterBuffer? {
        guard let matrix = matrices[pair] else { return nil }
        order.removeAll { $0 == pair }
        order.append(pair)
        return matrix
    }

    /// Keeps a matrix unless another thread kept the same meanwhile; lets go of the ones that were not used for longest.
    fileprivate mutating func keep(_ matrix: ParameterBuffer, _ pair: GramCache.Pair, limit: Int) -> ParameterBuffer {
        if let kept = use(pair) { return kept }
        matrices[pair] = matrix
        order.append(pair)
        byteCount += matrix.byteCount
        while byteCount > limit, order.count > 1 {
            byteCount -= matrices.removeValue(forKey: order.removeFirst())?.byteCount ?? 0
        }
        return matrix
    }
}
