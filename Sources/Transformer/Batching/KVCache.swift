import Compute

/// The keys and values of one worker's sequences, in half precision, in blocks of `blockSize` positions (paged attention, arXiv:2309.06180).
/// A block lies in one piece: layer after layer, first the keys of all key-value heads, then the values, each as `CachePages` has it. So a
/// sequence's memory is a few large runs, which address translation and prefetching like, and a cache takes memory as it fills.
///
/// Which block belongs to which sequence is the scheduler's business; here a block is a number. Owned by the engine's thread.
public final class KVCache {
    /// The number of blocks.
    public let blockCount: Int
    /// How many positions one block holds; a power of two, 16 or more.
    public let blockSize: Int
    /// From one block to the next, in numbers.
    let blockStride: Int
    let headSize: Int
    private let storage: HalfBuffer
    /// How many numbers are a block's keys in one layer, and so many its values.
    private let layerStride: Int

    /// Reserves the address space of a cache; memory is taken as blocks are first written.
    ///
    /// - Parameters:
    ///   - configuration: the model's sizes.
    ///   - blockCount: the number of blocks, 1 or more.
    ///   - blockSize: positions in a block, rounded up to a power of two, at least 16.
    /// - Throws: ``ModelError/memory(byteCount:)`` where the system refuses.
    public init(configuration: ModelConfiguration, blockCount: Int, blockSize: Int = 16) throws(ModelError) {
        let size = Self.roundedBlockSize(blockSize)
        self.blockCount = max(blockCount, 1)
        self.blockSize = size
        headSize = configuration.headSize
        layerStride = configuration.keyValueHeadCount * size * configuration.headSize
        blockStride = 2 * configuration.layerCount * layerStride
        let (count, overflow) = self.blockCount.multipliedReportingOverflow(by: blockStride)
        guard !overflow, count < Int.max / 4 else { throw .memory(byteCount: Int.max) }
        do {
            storage = try HalfBuffer(count: count)
        } catch {
            throw .memory(byteCount: error.byteCount)
        }
    }

    /// The keys of block 0 in a layer.
    func keys(layer: Int) -> UnsafeMutablePointer<UInt16> {
        storage.base + 2 * layer * layerStride
    }

    /// The values of block 0 in a layer.
    func values(layer: Int) -> UnsafeMutablePointer<UInt16> {
        storage.base + (2 * layer + 1) * layerStride
    }

    /// How many bytes one block takes, keys and values of all layers together.
    public static func bytesPerBlock(_ configuration: ModelConfiguration, blockSize: Int = 16) -> Int {
        2 * configuration.layerCount * configuration.keyValueHeadCount * configuration.headSize * roundedBlockSize(blockSize)
            * MemoryLayout<UInt16>.stride
    }

    private static func roundedBlockSize(_ wanted: Int) -> Int {
        var size = CachePages.groupSize
        while size < min(wanted, 1 << 16) { size *= 2 }
        return size
    }
}
