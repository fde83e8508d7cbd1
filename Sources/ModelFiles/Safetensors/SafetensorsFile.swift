/// A file in the safetensors format, mapped from disk or held in memory, and checked.
///
/// The header must be strict JSON of at most ``maximumHeaderSize`` bytes, and the tensors must fill the data exactly, without overlap or gap
/// (the format is described in the README of the huggingface/safetensors project).
public struct SafetensorsFile: Sendable {
    /// The longest header that is read.
    public static let maximumHeaderSize = 16 << 20
    /// The most dimensions that a tensor may have.
    public static let maximumDimensions = 8

    /// The header's `__metadata__`.
    public let metadata: [String: String]
    /// The tensors by name.
    public let tensors: [String: SafetensorsTensor]
    private let storage: Storage

    /// Maps and checks a file.
    ///
    /// - Throws: ``ModelFileError`` that names what is wrong.
    public init(path: String) throws(ModelFileError) {
        let file = try MappedFile(path: path)
        try self.init(.mapped(file))
        try file.checkUnchanged()
    }

    /// Checks a file that is in memory: an upload.
    ///
    /// - Throws: ``ModelFileError`` that names what is wrong.
    public init(bytes: [UInt8]) throws(ModelFileError) {
        try self.init(.memory(bytes))
    }

    private init(_ storage: Storage) throws(ModelFileError) {
        let header = try storage.withBytes(SafetensorsHeader.init)
        self.storage = storage
        metadata = header.metadata
        tensors = header.tensors
    }

    /// The mapping; nil where the file is in memory.
    var mapping: MappedFile? {
        if case .mapped(let file) = storage { file } else { nil }
    }

    /// The tensor of that name.
    ///
    /// - Throws: ``ModelFileError/missingTensor(_:)``
    public func tensor(_ name: String) throws(ModelFileError) -> SafetensorsTensor {
        guard let tensor = tensors[name] else { throw .missingTensor(name) }
        return tensor
    }

    /// A tensor's numbers as F32, row after row. F64 is rounded; every other number of F16, BF16 and F32 is exact, and integers as far as F32 holds them.
    ///
    /// - Throws: ``ModelFileError/missingTensor(_:)``, or ``ModelFileError/system(path:operation:reason:)`` where the mapped file was written to.
    public func floats(_ name: String) throws(ModelFileError) -> [Float] {
        let tensor = try tensor(name)
        let floats = storage.withBytes { bytes in tensor.type.floats(UnsafeRawBufferPointer(rebasing: bytes[tensor.bytes])) }
        try storage.check()
        return floats
    }

    /// Lends a tensor's bytes.
    ///
    /// - Throws: ``ModelFileError/missingTensor(_:)``, or ``ModelFileError/system(path:operation:reason:)`` where the mapped file was written to.
    public func withBytes<Result>(of name: String, _ body: (UnsafeRawBufferPointer) -> Result) throws(ModelFileError) -> Result {
        let tensor = try tensor(name)
        let result = storage.withBytes { bytes in body(UnsafeRawBufferPointer(rebasing: bytes[tensor.bytes])) }
        try storage.check()
        return result
    }

    private enum Storage: Sendable {
        case mapped(MappedFile)
        case memory([UInt8])

        /// Demands that what was read is what the file had. Where it was lost meanwhile it was zeros.
        func check() throws(ModelFileError) {
            if case .mapped(let file) = self { try file.checkUnchanged() }
        }

        func withBytes<Result, Failure: Error>(
            _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
        ) throws(Failure) -> Result {
            switch self {
            case .mapped(let file):
                // The pages go with the object, so it must outlive their use.
                return try withExtendedLifetime(file) { () throws(Failure) in try body(file.bytes) }
            case .memory(let bytes):
                let outcome: Swift.Result<Result, Failure> = bytes.withUnsafeBytes { raw in
                    do throws(Failure) { return .success(try body(raw)) } catch { return .failure(error) }
                }
                return try outcome.get()
            }
        }
    }
}
