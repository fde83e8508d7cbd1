/// A part of a form: what its header says.
public struct MultipartPart: Sendable, Equatable {
    /// The field's name.
    public let name: String
    /// The file's name, as the client has it; nil where the part is no file.
    public let filename: String?

    /// Makes a part's description.
    public init(name: String, filename: String?) {
        self.name = name
        self.filename = filename
    }
}
