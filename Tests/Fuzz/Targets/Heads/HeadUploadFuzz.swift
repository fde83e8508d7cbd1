import Control
import Dispatch
import HTTP
import Logging
import ModelFiles
import ValueRegistry

/// Uploads of value functions, packed or not: what is accepted is stored byte for byte, computes, and survives being written again; what is refused
/// leaves nothing behind.
struct HeadUploadFuzz: FuzzTarget {
    private static let name = "fuzzed"
    private static let limit = 1 << 20
    private let registry: ValueRegistry

    init() throws {
        let folder = try ScratchFolder()
        registry = try ValueRegistry(
            directory: folder.path,
            bundledHeads: nil,
            keepVersions: 1,
            logger: Logger(label: "fuzz", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    func run(_ input: [UInt8]) {
        guard input.starts(with: [0x1f, 0x8b]) else { return upload(input) }
        let (unpacked, cut) = (Self.unpack(input, pieces: input.count), Self.unpack(input, pieces: 7))
        Oracle.expect(unpacked == cut, "what is unpacked does not depend on how it arrives")
        if let unpacked { upload(unpacked) }
    }

    private func upload(_ bytes: [UInt8]) {
        // What the registry, too, looks at first, and without the disk: most inputs are refused here.
        if (try? ValueFunction(file: SafetensorsFile(bytes: bytes))) == nil, !bytes.count.isMultiple(of: 16) { return }
        let before = registry.list().map(\.sha256)
        guard let (description, head) = Self.wait({ try await put(bytes) }) else {
            return Oracle.expect(registry.list().map(\.sha256) == before, "what is refused changes nothing")
        }
        let reference = HeadReference(name: description.name, version: description.version)
        let stored = Self.wait { try await registry.file(reference) } ?? nil
        Oracle.expect(stored == bytes, "what is stored is what was uploaded")
        _ = head.value(of: [Float](repeating: 1, count: head.hiddenSize))
        let written = Oracle.succeed("an accepted head can be written") { try head.serialized() }
        let again = Oracle.succeed("a written head is accepted") { try ValueFunction(file: SafetensorsFile(bytes: written)) }
        Oracle.expect(again.identity == head.identity, "a head, written again, is the same")
    }

    private func put(_ bytes: [UInt8]) async throws -> (HeadDescription, ValueFunction) {
        let description = try await registry.put(name: Self.name, bytes: bytes) { _ in }.description
        guard let head = registry.head(HeadReference(name: Self.name, version: nil)) else { throw ValueRegistryError.badName(Self.name) }
        return (description, head.valueFunction)
    }

    private static func unpack(_ bytes: [UInt8], pieces: Int) -> [UInt8]? {
        guard let inflater = try? Inflater(limit: limit) else { return nil }
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            guard (try? inflater.append(Array(bytes[start..<min(start + pieces, bytes.count)]))) != nil else { return nil }
        }
        return try? inflater.finish()
    }

    /// Waits on libFuzzer's thread, which is none of the pool's.
    private static func wait<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) -> Value? {
        let (done, result) = (DispatchSemaphore(value: 0), Box<Value>())
        Task {
            result.value = try? await body()
            done.signal()
        }
        done.wait()
        return result.value
    }

    /// Handed from one thread to another by the semaphore.
    private final class Box<Value: Sendable>: @unchecked Sendable {
        var value: Value?
    }
}
