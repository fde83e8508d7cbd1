/// The name of a member of a JSON object, compared byte for byte: Swift's `String` calls differently composed letters equal, JSON does not,
/// and takes the square of a text's length to find out.
package struct JSONKey: Sendable, Hashable {
    /// The name as text.
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package static func == (left: JSONKey, right: JSONKey) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        for byte in text.utf8 {
            hasher.combine(byte)
        }
    }
}
