import Foundation
import Logging
import ModelFiles
import ValueRegistry

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Stores one version of a head after the other in the registry it is given, and prints each once it is acknowledged, until it is killed.
///
/// With `--file-limit BYTES` no file may grow beyond that, as on a full disk; the program then ends at the first refusal.
@main
struct ValueRegistryWriter {
    static func main() async throws {
        let arguments = CommandLine.arguments
        let logger = Logger(label: "writer") { _ in SwiftLogNoOpLogHandler() }
        let registry = try ValueRegistry(directory: arguments[1], bundledHeads: nil, keepVersions: 10000, logger: logger)
        if arguments.count > 3, arguments[2] == "--file-limit", let bytes = UInt(arguments[3]) { limitFiles(to: bytes) }
        for number in 0..<100_000 {
            // Exact in F32, and not what another writer stores.
            let bias = Float(number * 1024 + Int(getpid()) % 1024)
            let bytes = try SafetensorsWriter.encode(tensors: [
                .init(name: "fc1.weight", shape: [512, 4], floats: [Float](repeating: 0, count: 2048)),
                .init(name: "fc1.bias", shape: [512], floats: [Float](repeating: 0, count: 512)),
                .init(name: "fc3.weight", shape: [1, 512], floats: [Float](repeating: 0, count: 512)),
                .init(name: "fc3.bias", shape: [1], floats: [bias]),
            ])
            do {
                let stored = try await registry.put(name: "a", bytes: bytes) { _ in }
                say("\(stored.description.version) \(bias)")
            } catch {
                return say("refused: \(error)")
            }
        }
    }

    private static func limitFiles(to bytes: UInt) {
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: rlim_t(bytes), rlim_max: rlim_t(bytes))
        #if canImport(Darwin)
        setrlimit(RLIMIT_FSIZE, &limit)
        #else
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        #endif
    }

    private static func say(_ line: String) {
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }
}
