import Foundation

/// The models known by name: a file of that name has that id wherever it lies.
package enum ModelCatalogue {
    /// Ids and file names.
    package static let entries: [(id: String, fileName: String)] = [
        ("smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf")
    ]
    /// Where `make model` puts files, relative to the working directory.
    package static let folder = ".cache/models"

    /// The model that is served when none is named.
    package static var standard: ModelSettings {
        ModelSettings(id: entries[0].id, path: "\(folder)/\(entries[0].fileName)")
    }

    /// The id of a model file or folder: the catalogue's, else the name, of a file without its extension and the number of its part.
    package static func id(ofPath path: String) -> String {
        let url = URL(fileURLWithPath: path).standardizedFileURL
        if let entry = entries.first(where: { $0.fileName == url.lastPathComponent }) { return entry.id }
        var isFolder: ObjCBool = false
        // A folder's name may hold dots that begin no extension: Llama-3.1-8B.
        if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue { return url.lastPathComponent }
        let name = url.deletingPathExtension().lastPathComponent
        guard let part = name.firstRange(of: #/-\d{5}-of-\d{5}$/#) else { return name }
        return String(name[..<part.lowerBound])
    }

    /// The path of a model that the catalogue knows by that id.
    package static func path(ofID id: String) -> String? {
        entries.first { $0.id == id }.map { "\(folder)/\($0.fileName)" }
    }

    /// Understands `--model [ID=]PATH|NAME`.
    ///
    /// An existing file or folder is taken as a path whatever its name holds; then `ID=PATH`; then the id of a configured model;
    /// then a name of the catalogue; what is left is a path, which will be found missing when it is opened.
    package static func settings(forArgument argument: String, configured: [ModelSettings]) -> ModelSettings {
        if FileManager.default.fileExists(atPath: argument) {
            return settings(id: nil, path: argument, configured: configured)
        }
        if let equals = argument.firstIndex(of: "="), equals != argument.startIndex {
            let rest = String(argument[argument.index(after: equals)...])
            let path = FileManager.default.fileExists(atPath: rest) ? rest : (self.path(ofID: rest) ?? rest)
            return settings(id: String(argument[..<equals]), path: path, configured: configured)
        }
        if let model = configured.first(where: { $0.id == argument }) { return model }
        return settings(id: nil, path: path(ofID: argument) ?? argument, configured: configured)
    }

    /// A model named by path keeps what the configuration says of its id, but for the path.
    private static func settings(id: String?, path: String, configured: [ModelSettings]) -> ModelSettings {
        let id = id ?? self.id(ofPath: path)
        var model = configured.first { $0.id == id } ?? ModelSettings(id: id, path: path)
        model.path = path
        return model
    }
}
