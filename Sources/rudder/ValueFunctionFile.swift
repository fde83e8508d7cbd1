import Control
import Foundation
import ModelFiles

/// Value functions in files that the command line names.
enum ValueFunctionFile {
    /// Whether there is a file at a path, and not a folder, which may well have the name of a registered value function.
    static func exists(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }

    /// Reads a file.
    static func read(_ path: String) throws(CommandError) -> ValueFunction {
        do {
            return try ValueFunction(file: SafetensorsFile(path: path))
        } catch {
            switch error {
            case ModelFileError.missingFile, ModelFileError.system, ValueFunctionError.file(.missingFile), ValueFunctionError.file(.system):
                throw CommandError("\(error); name a safetensors file that you may read")
            default:
                throw CommandError(
                    "\(path.quoted) is no value function: \(error); `rudder train` and `rudder heads convert` make them"
                )
            }
        }
    }

    /// Says that an argument is neither a file nor the name of a registered value function.
    static func missing(_ argument: String) -> CommandError {
        guard FileManager.default.fileExists(atPath: argument) else {
            return CommandError(
                "there is no file '\(argument)', and no registered value function of that name; `rudder heads list` lists those there are"
            )
        }
        let folder = URL(fileURLWithPath: argument).standardizedFileURL
        // As `rudder train` names it, where nothing else is said.
        let file = "\(folder.lastPathComponent).safetensors"
        let isThere = exists(folder.appendingPathComponent(file).path)
        let path = (argument.hasSuffix("/") ? argument : argument + "/") + file
        return CommandError(
            "'\(argument)' is a folder, and no registered value function has that name; name "
                + (isThere ? "the file in it, \(path)" : "a file in it, such as \(path)")
        )
    }
}
