#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A fixed run of half-precision numbers: the storage of a KV cache. Owned by one thread at a time.
public final class HalfBuffer {
    /// How many numbers it holds.
    public let count: Int
    /// The first number, for inner loops of Transformer.
    public let base: UnsafeMutablePointer<UInt16>

    /// Reserves `count` numbers, all zero. Pages take memory only once they are written.
    ///
    /// - Throws: ``AllocationError`` where the system refuses that much address space.
    public init(count: Int) throws(AllocationError) {
        let (size, overflow) = max(count, 1).multipliedReportingOverflow(by: MemoryLayout<UInt16>.stride)
        guard count >= 0, !overflow else { throw AllocationError(byteCount: Int.max) }
        let raw = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let raw, raw != MAP_FAILED else { throw AllocationError(byteCount: size) }
        #if os(Linux)
        // A token's attention walks through all of a sequence's blocks: small pages would cost more to translate than to read. Advice, so no error.
        madvise(raw, size, MADV_HUGEPAGE)
        #endif
        self.count = count
        base = raw.bindMemory(to: UInt16.self, capacity: max(count, 1))
    }

    deinit {
        munmap(base, max(count, 1) * MemoryLayout<UInt16>.stride)
    }
}
