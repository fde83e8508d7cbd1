import Foundation
import Server
import ValueRegistry

/// What a shell offers at Tab. It lists folders and opens no file, so that it answers at once.
package enum CompletionNames {
    /// The names of the value functions in the registry's folder and of those bundled with the server.
    ///
    /// - Parameters:
    ///   - arguments: the command line so far, which may name the registry.
    ///   - environment: the environment's variables, which may, too.
    ///   - folder: where the command is run.
    package static func heads(
        arguments: [String],
        environment: [String: String] = ProcessInfo.processInfo.environment,
        folder: String = FileManager.default.currentDirectoryPath
    ) -> [String] {
        let standard = ServerConfiguration()
        let registry =
            value(of: "--registry", in: arguments) ?? environment[ConfigurationSchema.registryDirectory.environmentVariable]
            ?? standard.registryDirectory
        let uploaded = entries("\(registry)/heads", in: folder)
        let suffix = ".safetensors"
        let bundledFolder = environment[ConfigurationSchema.bundledHeads.environmentVariable] ?? standard.bundledHeads ?? ""
        let bundledFiles = bundledFolder.isEmpty ? [] : entries(bundledFolder, in: folder)
        let bundled = bundledFiles.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }
        return Set(uploaded + bundled).filter(HeadReference.isName).sorted()
    }

    /// The catalogue's models, and the GGUF files and folders that the word before the cursor could become.
    package static func models(prefix: String, folder: String = FileManager.default.currentDirectoryPath) -> [String] {
        let directory = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
        let files = entries(directory.isEmpty ? "." : directory, in: folder).compactMap { name -> String? in
            guard !name.hasPrefix(".") || prefix.dropFirst(directory.count).hasPrefix(".") else { return nil }
            let path = directory + name
            if isFolder(path, in: folder) { return path + "/" }
            return name.hasSuffix(".gguf") ? path : nil
        }
        return ModelCatalogue.entries.map(\.id) + files.sorted()
    }

    /// What an option was given last, behind it or behind `=`.
    private static func value(of option: String, in arguments: [String]) -> String? {
        for (index, argument) in arguments.enumerated().reversed() {
            if argument.hasPrefix("\(option)=") { return String(argument.dropFirst(option.count + 1)) }
            if argument == option, arguments.indices.contains(index + 1) { return arguments[index + 1] }
        }
        return nil
    }

    private static func entries(_ path: String, in folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: absolute(path, in: folder))) ?? []
    }

    private static func isFolder(_ path: String, in folder: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: absolute(path, in: folder), isDirectory: &isFolder) && isFolder.boolValue
    }

    private static func absolute(_ path: String, in folder: String) -> String {
        path.hasPrefix("/") ? path : "\(folder)/\(path)"
    }
}
