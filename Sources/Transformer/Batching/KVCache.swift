import Compute

/// The keys and values of one worker's sequences, in half precision, in blocks of `blockSize` positions (paged attention, arXiv:2309.06180).
/// Within a block lie the key-value heads, each as `CachePages` has it.
///
/// Which block belongs to which sequence is the scheduler's business; here a block is a number. Owned by the engine's thread.
public final class KVCache {
    /// The number of blocks.
    public let blockCount: Int
    /// How many positions one block holds; a power of two, 16 or more.
    public let blockSize: Int
    let keys: [HalfBuffer]
    let values: [HalfBuffer]
    /// From one block to the next within a layer, in numbers.
    let blockStride: Int
    let headSize: Int

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
        blockStride = configuration.keyValueHeadCount * size * configuration.headSize
        let (count, overflow) = self.blockCount.multipliedReportingOverflow(by: blockStride)
        guard !overflow, count < Int.max / 4 else { throw .memory(byteCount: Int.max) }
        var buffers: [HalfBuffer] = []
        do {
            for _ in 0..<2 * configuration.layerCount { buffers.append(try HalfBuffer(count: count)) }
        } catch {
            throw .memory(byteCount: error.byteCount)
        }
        keys = Array(buffers.prefix(configuration.layerCount))
        values = Array(buffers.suffix(configuration.layerCount))
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
