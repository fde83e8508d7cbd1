import CKernels

/// One table of micro-kernels: a face for the C functions of one instruction set.
public struct KernelSet: Sendable {
    /// The C table lives as long as the program and never changes.
    private nonisolated(unsafe) let pointer: UnsafePointer<rudder_kernels>

    private init(_ pointer: UnsafePointer<rudder_kernels>) {
        self.pointer = pointer
    }

    /// The fastest set this processor can run.
    public static let best = KernelSet(rudder_kernels_best())

    /// Portable C: the specification that every other set is tested against.
    public static let scalar = KernelSet(rudder_kernels_scalar())

    /// AVX2 with FMA and F16C; nil where the processor lacks one of them.
    public static let avx2 = rudder_kernels_avx2().map(KernelSet.init)

    /// AVX-512 with VNNI; nil where the processor lacks it.
    public static let avx512 = rudder_kernels_avx512().map(KernelSet.init)

    /// Every set that this processor can run, the specification first.
    package static let available = [scalar] + [avx2, avx512].compactMap(\.self)

    /// The instruction set's name, for people.
    public var name: String {
        String(cString: table.name)
    }

    package var table: rudder_kernels {
        @inline(__always) get { pointer.pointee }
    }
}
