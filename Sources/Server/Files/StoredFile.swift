/// What is known of a stored file: OpenAI's File object, which is also how it is stored.
package struct StoredFile: Sendable, Equatable {
    package let id: String
    /// Its size.
    package let bytes: Int
    /// Seconds since 1970.
    package let created: Int
    /// Its name, as the client had it.
    package let filename: String
    package let purpose: FilePurpose
    /// The name of the API key by which it was made; nil where none was asked for.
    package let owner: String?

    package init(id: String, bytes: Int, created: Int, filename: String, purpose: FilePurpose, owner: String? = nil) {
        self.id = id
        self.bytes = bytes
        self.created = created
        self.filename = filename
        self.purpose = purpose
        self.owner = owner
    }

    /// Reads what ``write(to:)`` wrote; nil for anything else.
    package init?(_ value: JSONValue) {
        guard case .string(let id)? = value["id"], case .string(let filename)? = value["filename"],
            case .number(let bytes)? = value["bytes"], let bytes = bytes.integer,
            case .number(let created)? = value["created_at"], let created = created.integer,
            case .string(let word)? = value["purpose"], let purpose = FilePurpose(rawValue: word)
        else { return nil }
        var owner: String?
        if case .string(let name)? = value["owner"] { owner = name }
        self.init(id: id, bytes: bytes, created: created, filename: filename, purpose: purpose, owner: owner)
    }

    /// Writes the object.
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("object", "file")
            writer.member("bytes", bytes)
            writer.member("created_at", created)
            writer.member("filename", filename)
            writer.member("purpose", purpose.rawValue)
            writer.member("status", "processed")
            if let owner { writer.member("owner", owner) }
        }
    }

    /// The object as a document.
    package var document: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }
}
