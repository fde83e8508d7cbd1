import Compute

/// The first layers of several heads, one under the other, with their Gram matrices: tables of plain addresses, for loops that must not
/// count references.
///
/// The addresses are good for as long as the stack lives. Nothing changes once it is made.
final class HiddenSpaceStack: @unchecked Sendable {
    /// One head's part.
    struct Head {
        /// The first layer's weight, `units` by the hidden size.
        let weight: FloatRows
        /// The number of its first unit in the stack.
        let offset: Int
        /// How many units it has.
        let units: Int
    }

    /// The heads, from the first.
    let heads: UnsafeBufferPointer<Head>
    /// The units of all heads, cut into blocks.
    let blocks: UnsafeBufferPointer<HiddenSpaceBlock>
    /// W of head i times Wᵀ of head j, at `i * heads.count + j`.
    let grams: UnsafeBufferPointer<FloatRows>
    /// w3 of all heads, times their weights, padded with zeros to whole cache lines.
    let slopes: UnsafePointer<Float>
    /// How many units there are.
    let units: Int
    private let owners: [AnyObject]

    /// Stacks heads of two layers; `grams[i][j]` belongs to heads i and j.
    init(_ weighted: [WeightedHead], grams matrices: [[ParameterBuffer]]) {
        var (heads, blocks, offset): ([Head], [HiddenSpaceBlock], Int) = ([], [], 0)
        for head in weighted {
            let layer = head.valueFunction.layers[0]
            heads.append(Head(weight: layer.weight.rows, offset: offset, units: layer.rows))
            blocks += HiddenSpaceBlock.cut(layer, offset: offset)
            offset += layer.rows
        }
        let places = heads
        let slopes = ParameterBuffer(count: paddedToCacheLine(offset)) { slopes in
            for (place, head) in zip(places, weighted) {
                for (unit, slope) in head.valueFunction.layers[1].weight.floats.enumerated() {
                    slopes[place.offset + unit] = slope * head.weight
                }
            }
        }
        let matrices = matrices.flatMap { $0 }
        self.heads = Self.table(heads)
        self.blocks = Self.table(blocks)
        self.grams = Self.table(
            matrices.enumerated().map { index, gram in
                let (rows, columns) = (places[index / places.count].units, places[index % places.count].units)
                return FloatRows(gram.base, type: .f32, count: rows, columns: columns)
            }
        )
        self.slopes = slopes.base
        units = offset
        owners =
            [slopes] + matrices
            + weighted.flatMap { head -> [AnyObject] in [head.valueFunction.layers[0].weight, head.valueFunction.layers[0].bias] }
    }

    deinit {
        heads.deallocate()
        blocks.deallocate()
        grams.deallocate()
    }

    private static func table<Element>(_ elements: [Element]) -> UnsafeBufferPointer<Element> {
        let table = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
        _ = table.initialize(fromContentsOf: elements)
        return UnsafeBufferPointer(table)
    }
}
