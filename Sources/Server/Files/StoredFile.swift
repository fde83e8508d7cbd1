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

    package init(id: String, bytes: Int, created: Int, filename: String, purpose: FilePurpose) {
        self.id = id
        self.bytes = bytes
        self.created = created
        self.filename = filename
        self.purpose = purpose
    }

    /// Reads what ``write(to:)`` wrote; nil for anything else.
    package init?(_ value: JSONValue) {
        guard case .string(let id)? = value["id"], case .string(let filename)? = value["filename"],
            case .number(let bytes)? = value["bytes"], let bytes = bytes.integer,
            case .number(let created)? = value["created_at"], let created = created.integer,
            case .string(let word)? = value["purpose"], let purpose = FilePurpose(rawValue: word)
        else { return nil }
        self.init(id: id, bytes: bytes, created: created, filename: filename, purpose: purpose)
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
        }
    }

    /// The object as a document.
    package var document: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }
}
