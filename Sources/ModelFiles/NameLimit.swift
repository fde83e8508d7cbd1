/// How long a key or a tensor's name in a file may be.
///
/// Names are keys of dictionaries, and what a `String` takes to be hashed may grow with the square of its length (see ``Swift/StringProtocol/word``).
enum NameLimit {
    /// In bytes. Those of real models are below 128.
    static let bytes = 256

    /// Refuses a longer name.
    ///
    /// - Throws: ``ModelFileError/tooLarge(what:value:limit:)``
    static func check(_ name: String, _ what: String, atMost most: Int = bytes) throws(ModelFileError) {
        let count = name.utf8.count
        guard count <= most else {
            throw .tooLarge(what: "the length of \(what) \(name.quoted)", value: UInt64(count), limit: UInt64(most))
        }
    }
}
