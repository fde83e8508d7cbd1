import Foundation
import Logging
import ModelFiles
import ValueRegistry

/// Stores one version of a head after the other in the registry it is given, and prints each once it is acknowledged, until it is killed.
@main
struct ValueRegistryWriter {
    static func main() async throws {
        var logger = Logger(label: "writer")
        logger.logLevel = .critical
        let registry = try ValueRegistry(directory: CommandLine.arguments[1], bundledHeads: nil, keepVersions: 1000, logger: logger)
        for number in 0..<100_000 {
            let bias = Float(number)
            let bytes = try SafetensorsWriter.encode(tensors: [
                .init(name: "fc1.weight", shape: [512, 4], floats: [Float](repeating: 0, count: 2048)),
                .init(name: "fc1.bias", shape: [512], floats: [Float](repeating: 0, count: 512)),
                .init(name: "fc3.weight", shape: [1, 512], floats: [Float](repeating: 0, count: 512)),
                .init(name: "fc3.bias", shape: [1], floats: [bias]),
            ])
            let stored = try await registry.put(name: "a", bytes: bytes) { _ in }
            FileHandle.standardOutput.write(Data("\(stored.description.version) \(bias)\n".utf8))
        }
    }
}
