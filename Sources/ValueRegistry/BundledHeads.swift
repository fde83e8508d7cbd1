import Logging
import ModelFiles

/// The heads that come with the server: a folder of `NAME.safetensors` files, read once.
enum BundledHeads {
    /// Reads a folder's heads, by name. A missing folder has none; a file that cannot be used is passed over with a warning.
    static func read(_ folder: String, _ logger: Logger) -> [String: RegisteredHead] {
        let suffix = ".safetensors"
        var heads: [String: RegisteredHead] = [:]
        let files: [String]
        do throws(ModelFileError) { files = try DirectoryHandle(folder).names().sorted() } catch {
            if case .missingFile = error { return [:] }
            logger.warning("the bundled heads cannot be read: \(error)")
            return [:]
        }
        for file in files where file.hasSuffix(suffix) && !file.hasPrefix(".") {
            let (name, path) = (String(file.dropLast(suffix.count)), "\(folder)/\(file)")
            do {
                heads[name] = try RegisteredHead(bundled: path, name: name)
            } catch {
                logger.warning("bundled head \(path.quoted) cannot be used: \(error)")
            }
        }
        return heads
    }
}
