/// The value of a part's Content-Disposition (RFC 7578 section 4.2).
enum ContentDisposition {
    /// The field's name and the file's; nil where the value is not that of a form's part, or has a parameter twice.
    static func part(_ value: String) -> MultipartPart? {
        guard let parameters = FieldParameters.parse(value), ASCIIText.isEqual(parameters.word, "form-data") else { return nil }
        guard let name = parameters.values["name"] else { return nil }
        return MultipartPart(name: unescaped(name), filename: parameters.values["filename"].map(unescaped))
    }

    /// Browsers and most clients write a quote, and nothing else that could be in a name, percent-encoded.
    private static func unescaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            bytes.append(byte)
            if bytes.suffix(3).elementsEqual("%22".utf8) { bytes.replaceSubrange((bytes.count - 3)..., with: "\"".utf8) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
