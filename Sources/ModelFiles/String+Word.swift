extension StringProtocol {
    /// The text, cut where it is longer than any word or name that it is to be compared with.
    ///
    /// Swift's `==`, `<` and `hash(into:)` take canonically equivalent texts for the same, and sort every run of combining marks for it, in the square of its
    /// length: on megabytes of them they take hours. So text from a client or a file is cut before it is compared, or compared as bytes.
    package var word: String {
        utf8.count <= 128 ? String(self) : String(decoding: utf8.prefix(128), as: UTF8.self)
    }
}
