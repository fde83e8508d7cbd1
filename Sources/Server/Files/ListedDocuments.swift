import Logging
import ModelFiles

/// The documents of a folder that is listed.
struct ListedDocuments: Sendable {
    /// What each is, in a message: a file.
    let kind: String
    let logger: Logger

    /// A document of a list; nil where there is none of that id, or it cannot be read, which is told of.
    ///
    /// - Throws: `ModelFileError` where none can be read at the moment: a list that lacks what is there would be taken for the whole.
    func read<Value>(_ id: String, by read: (String) throws -> Value?) throws -> Value? {
        do {
            return try read(id)
        } catch let error as ModelFileError where error.isOutOfDescriptors {
            throw error
        } catch {
            logger.error("a \(kind) cannot be read: \(error)", metadata: [kind: .string(id)])
            return nil
        }
    }
}
