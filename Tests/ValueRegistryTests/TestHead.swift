import Control
import Logging
import ModelFiles
import TestSupport
import ValueRegistry

/// Small heads, and registries in folders of their own.
enum TestHead {
    /// The file of a head whose only number that matters is its last bias.
    static func file(_ bias: Float, hiddenSize: Int = 4) throws -> [UInt8] {
        try SafetensorsWriter.encode(tensors: [
            .init(name: "fc1.weight", shape: [3, hiddenSize], floats: [Float](repeating: 0, count: 3 * hiddenSize)),
            .init(name: "fc1.bias", shape: [3], floats: [0, 0, 0]),
            .init(name: "fc3.weight", shape: [1, 3], floats: [0, 0, 0]),
            .init(name: "fc3.bias", shape: [1], floats: [bias]),
        ])
    }

    /// A logger that says nothing.
    static let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

    static func registry(_ directory: TemporaryDirectory, bundled: String? = nil, keep: Int = 5) throws -> ValueRegistry {
        try ValueRegistry(directory: directory.url.path, bundledHeads: bundled, keepVersions: keep, logger: logger)
    }
}

extension ValueRegistry {
    /// What the newest version of a name says of the state of zeros.
    func bias(_ name: String, version: Int? = nil) -> Float? {
        head(HeadReference(name: name, version: version))?.valueFunction.value(of: [0, 0, 0, 0])
    }

    @discardableResult
    func put(_ name: String, _ bytes: [UInt8]) async throws -> (description: HeadDescription, isNew: Bool) {
        try await put(name: name, bytes: bytes) { _ in }
    }
}
