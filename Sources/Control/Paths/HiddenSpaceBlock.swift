import Compute

/// Some units of one head, side by side: what one thread computes at a time.
///
/// Sums over units are summed within blocks and then over blocks, always in the same order, whoever computed them. The addresses belong to
/// buffers that the path holds.
struct HiddenSpaceBlock: @unchecked Sendable {
    /// The units' rows of the head's first layer.
    let weight: FloatRows
    /// The first unit's bias.
    let bias: UnsafePointer<Float>
    /// The first unit's number in the stack of all heads.
    let offset: Int
    /// How many units there are.
    let count: Int

    /// Cuts a layer into at most 16 blocks of whole cache lines of units; how depends on the layer alone.
    static func cut(_ layer: DenseLayer, offset: Int) -> [HiddenSpaceBlock] {
        let size = paddedToCacheLine((layer.rows + 15) / 16)
        return stride(from: 0, to: layer.rows, by: size).map { first in
            HiddenSpaceBlock(
                weight: layer.weight.rows[first..<min(first + size, layer.rows)],
                bias: layer.bias.base + first,
                offset: offset + first,
                count: min(size, layer.rows - first)
            )
        }
    }
}
