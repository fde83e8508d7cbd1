import Control
import ModelFiles

/// One version of a head, ready to steer. Whoever holds it keeps it, whatever becomes of the file.
public struct RegisteredHead: Sendable {
    /// What is known of it.
    public let description: HeadDescription
    /// The value function.
    public let valueFunction: ValueFunction
    /// Where its file is.
    let path: String

    /// The head of an entry, made of its file's content.
    init(_ valueFunction: ValueFunction, entry: RegistryEntry, byteCount: Int, createdAt: Int) {
        path = entry.path
        self.valueFunction = valueFunction
        description = HeadDescription(
            valueFunction,
            name: entry.name,
            version: entry.version,
            sha256: entry.sha256,
            byteCount: byteCount,
            createdAt: createdAt,
            isBundled: false
        )
    }

    /// Reads a head that comes with the server.
    init(bundled path: String, name: String) throws {
        guard HeadReference.isName(name) else { throw ValueRegistryError.badName(name) }
        guard let (bytes, time) = try RegistryDirectory.read(path) else { throw ModelFileError.missingFile(path: path, operation: "open") }
        let valueFunction = try ValueFunction(upload: bytes)
        self.path = path
        self.valueFunction = valueFunction
        description = HeadDescription(
            valueFunction,
            name: name,
            version: 1,
            sha256: try SHA256Digest.of(bytes).hex,
            byteCount: bytes.count,
            createdAt: time,
            isBundled: true
        )
    }
}

extension ValueFunction {
    /// Checks a file's content whole: its format, shapes, sizes, and that every number is finite.
    init(upload bytes: [UInt8]) throws(ValueRegistryError) {
        do throws(ValueFunctionError) {
            let file: SafetensorsFile
            do { file = try SafetensorsFile(bytes: bytes) } catch { throw .file(error) }
            try self.init(file: file)
        } catch {
            throw .refused(error)
        }
    }
}
