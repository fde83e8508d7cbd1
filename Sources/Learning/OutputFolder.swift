import Foundation
import ModelFiles

/// Folders that results go to.
package enum OutputFolder {
    /// Makes a folder, and those that it is in, where they are not there.
    ///
    /// - Throws: `ModelFileError`
    package static func make(_ path: String) throws(ModelFileError) {
        guard mkdir(path, 0o777) != 0 else { return }
        switch errno {
        case EEXIST:
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
                throw failure(path, "there is a file of that name")
            }
        case ENOENT:
            let parent = (path as NSString).deletingLastPathComponent
            guard !parent.isEmpty, parent != path else { throw failure(path, String(cString: strerror(ENOENT))) }
            try make(parent)
            guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw failure(path, String(cString: strerror(errno))) }
        default: throw failure(path, String(cString: strerror(errno)))
        }
    }

    private static func failure(_ path: String, _ reason: String) -> ModelFileError {
        .system(path: path, operation: "make the folder", reason: reason)
    }
}
