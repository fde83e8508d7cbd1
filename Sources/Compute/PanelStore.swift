#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Memory for packed weights: large mappings, of huge pages where the system has them, from which matrices take their share one after the other.
///
/// Used by the one thread that loads a model; the matrices then keep the mappings alive.
public final class PanelStore {
    private var mapping: Mapping?
    private var used = 0
    /// How many bytes were handed out.
    public private(set) var byteCount = 0

    /// How much is mapped at a time. What is not written takes no memory.
    private static let mappingSize = 1 << 28

    /// Makes an empty store.
    public init() {}

    /// Hands out a run of bytes, aligned to cache lines, and what keeps it valid.
    func reserve(byteCount wanted: Int) throws(AllocationError) -> (base: UnsafeMutablePointer<UInt8>, owner: any AnyObject & Sendable) {
        guard wanted < Int.max / 2 else { throw AllocationError(byteCount: wanted) }
        let size = (wanted + 63) / 64 * 64
        if mapping.map({ $0.size - used < size }) ?? true {
            mapping = try Mapping(size: max(size, Self.mappingSize))
            used = 0
        }
        guard let mapping else { throw AllocationError(byteCount: wanted) }
        defer {
            used += size
            byteCount += size
        }
        return (mapping.base + used, mapping)
    }

    /// Pages of the process's own.
    private final class Mapping: Sendable {
        nonisolated(unsafe) let base: UnsafeMutablePointer<UInt8>
        let size: Int

        init(size: Int) throws(AllocationError) {
            let raw = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            guard let raw, raw != MAP_FAILED else { throw AllocationError(byteCount: size) }
            #if os(Linux)
            // Weights are read from end to end: with small pages the address translation alone costs a part of the bandwidth. Advice, so no error.
            madvise(raw, size, MADV_HUGEPAGE)
            #endif
            self.size = size
            base = raw.bindMemory(to: UInt8.self, capacity: size)
        }

        deinit {
            munmap(base, size)
        }
    }
}
