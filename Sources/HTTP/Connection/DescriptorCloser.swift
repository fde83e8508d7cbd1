import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Closes a descriptor once its last owner has let go of it: a source that still watched it could meet another connection of the same number.
final class DescriptorCloser: Sendable {
    private let descriptor: Int32
    private let owners: Mutex<Int>
    private let onClose: @Sendable () -> Void

    init(descriptor: Int32, owners: Int, onClose: @escaping @Sendable () -> Void) {
        self.descriptor = descriptor
        self.owners = Mutex(owners)
        self.onClose = onClose
    }

    /// One owner less.
    func release() {
        let isLast = owners.withLock { owners in
            owners -= 1
            return owners == 0
        }
        guard isLast else { return }
        close(descriptor)
        onClose()
    }
}
