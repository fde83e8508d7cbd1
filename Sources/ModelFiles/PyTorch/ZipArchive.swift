/// The files of a zip archive, stored without compression, as PyTorch writes them (PKWARE's APPNOTE.TXT, sections 4.3 and 4.4).
struct ZipArchive {
    /// A file of the archive.
    struct Entry {
        let bytes: Range<Int>
        let checksum: UInt32
    }

    /// The files, by their names.
    let entries: [String: Entry]
    private let bytes: UnsafeRawBufferPointer

    private static let (endSignature, entrySignature, headerSignature) = (
        0x0605_4b50 as UInt32, 0x0201_4b50 as UInt32, 0x0403_4b50 as UInt32
    )
    private static let (endSize, entrySize, headerSize) = (22, 46, 30)

    /// Reads the directory.
    ///
    /// - Parameter bytes: the archive, valid while this is used.
    /// - Throws: ``ModelFileError`` where the archive is damaged, or holds what is not read here.
    init(_ bytes: UnsafeRawBufferPointer) throws(ModelFileError) {
        let reader = Fields(bytes: bytes)
        let end = try Self.end(reader)
        let (count, offset) = (Int(try reader.short(at: end + 10)), Int(try reader.word(at: end + 16)))
        var (entries, place, total) = ([String: Entry](), offset, 0)
        for _ in 0..<count {
            guard try reader.word(at: place) == Self.entrySignature else { throw .badFormat("the zip archive's directory is damaged") }
            let name = try reader.text(at: place + Self.entrySize, count: Int(try reader.short(at: place + 28)))
            // They begin with the file's own name.
            try NameLimit.check(name, "file name", atMost: 512)
            let entry = try Self.entry(name, at: place, reader)
            // Else a small archive could take as long to check as a large one.
            total += entry.bytes.count
            guard total <= bytes.count else { throw .badFormat("files of the zip archive overlap") }
            guard entries.updateValue(entry, forKey: name) == nil else { throw .duplicate(what: "file", name: name) }
            let lengths = try [28, 30, 32].map { (field: Int) throws(ModelFileError) in Int(try reader.short(at: place + field)) }
            place += Self.entrySize + lengths.reduce(0, +)
        }
        self.entries = entries
        self.bytes = bytes
    }

    /// A file's content, once its checksum is right.
    func content(_ name: String) throws(ModelFileError) -> UnsafeRawBufferPointer {
        guard let entry = entries[name] else { throw .badFormat("the zip archive has no file \(name.quoted)") }
        let content = UnsafeRawBufferPointer(rebasing: bytes[entry.bytes])
        guard CRC32.of(content) == entry.checksum else { throw .badFormat("the checksum of \(name.quoted) in the zip archive is wrong") }
        return content
    }

    /// The end record, behind which there may be a comment.
    private static func end(_ reader: Fields) throws(ModelFileError) -> Int {
        var place = reader.bytes.count - endSize
        let last = max(place - 65_535, 0)
        while place >= last {
            if try reader.word(at: place) == endSignature { return place }
            place -= 1
        }
        throw .badFormat("this is no zip archive, which PyTorch writes since version 1.6")
    }

    private static func entry(_ name: String, at place: Int, _ reader: Fields) throws(ModelFileError) -> Entry {
        let (flags, method) = (try reader.short(at: place + 8), try reader.short(at: place + 10))
        guard method == 0, flags & 1 == 0 else { throw .badFormat("\(name.quoted) in the zip archive is compressed or encrypted") }
        let (size, header) = (try reader.word(at: place + 24), try reader.word(at: place + 42))
        guard size != .max, header != .max else { throw .badFormat("\(name.quoted) in the zip archive is beyond 4 GB, which is not read") }
        guard try reader.word(at: Int(header)) == headerSignature else {
            throw .badFormat("the zip archive's entry \(name.quoted) is damaged")
        }
        let start = Int(header) + headerSize + Int(try reader.short(at: Int(header) + 26)) + Int(try reader.short(at: Int(header) + 28))
        guard start + Int(size) <= reader.bytes.count else { throw .truncated(what: name.quoted, offset: reader.bytes.count) }
        return Entry(bytes: start..<start + Int(size), checksum: try reader.word(at: place + 16))
    }

    /// Little-endian numbers at places that are checked.
    private struct Fields {
        let bytes: UnsafeRawBufferPointer

        func short(at place: Int) throws(ModelFileError) -> UInt16 {
            try check(place, 2)
            return UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt16.self))
        }

        func word(at place: Int) throws(ModelFileError) -> UInt32 {
            try check(place, 4)
            return UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
        }

        func text(at place: Int, count: Int) throws(ModelFileError) -> String {
            try check(place, count)
            guard let text = String(validating: bytes[place..<place + count], as: UTF8.self) else {
                throw .badFormat("a name in the zip archive is not valid UTF-8")
            }
            return text
        }

        private func check(_ place: Int, _ count: Int) throws(ModelFileError) {
            guard place >= 0, place <= bytes.count - count else { throw .truncated(what: "the zip archive", offset: bytes.count) }
        }
    }
}
