import Foundation

/// The program `ValueRegistryWriter`.
enum WriterProgram {
    /// The program that stores heads until it is killed; built with the tests.
    static var url: URL? {
        let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        return [folder, bundle].map { $0.appendingPathComponent("ValueRegistryWriter") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }
}
