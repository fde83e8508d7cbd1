/// Writes JSON into a byte buffer: what a stream of tokens needs, at a small part of an encoder's cost.
///
/// The caller opens and closes objects and arrays; commas come by themselves. Numbers that JSON cannot hold are written as null.
package struct JSONWriter {
    /// What has been written.
    package private(set) var bytes: [UInt8]
    private var needsComma = false

    /// - Parameter prefix: Bytes that stand before the document, such as `data: `.
    package init(prefix: StaticString = "") {
        bytes = []
        bytes.reserveCapacity(256)
        append(prefix)
    }

    /// Bytes that belong to no value, such as the end of an event.
    package mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// An object whose members `body` writes.
    package mutating func object<Failure: Error>(_ body: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
        open(UInt8(ascii: "{"))
        try body(&self)
        close(UInt8(ascii: "}"))
    }

    /// An array whose elements `body` writes.
    package mutating func array<Failure: Error>(_ body: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
        open(UInt8(ascii: "["))
        try body(&self)
        close(UInt8(ascii: "]"))
    }

    /// The name of the member that comes next.
    package mutating func name(_ name: String) {
        separate()
        quoted(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func null() {
        separate()
        append("null")
    }

    package mutating func value(_ value: Bool) {
        separate()
        append(value ? "true" : "false")
    }

    package mutating func value(_ value: Int) {
        separate()
        bytes.append(contentsOf: String(value).utf8)
    }

    package mutating func value(_ value: UInt64) {
        separate()
        bytes.append(contentsOf: String(value).utf8)
    }

    package mutating func value(_ value: Float) {
        guard value.isFinite else { return null() }
        separate()
        bytes.append(contentsOf: value.description.utf8)
    }

    package mutating func value(_ value: Double) {
        guard value.isFinite else { return null() }
        separate()
        bytes.append(contentsOf: value.description.utf8)
    }

    package mutating func value(_ value: String) {
        separate()
        quoted(value)
    }

    /// An array of small numbers, such as a token's bytes.
    package mutating func value(_ values: [UInt8]) {
        array { writer in
            for value in values { writer.value(Int(value)) }
        }
    }

    /// A whole document within the document.
    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let flag): self.value(flag)
        case .number(.integer(let number)):
            separate()
            bytes.append(contentsOf: String(number).utf8)
        case .number(.unsigned(let number)): self.value(number)
        case .number(.float(let number)): self.value(number)
        case .number(.unrepresentable): null()
        case .string(let text): self.value(text)
        case .array(let elements):
            array { writer in
                for element in elements { writer.value(element) }
            }
        case .object(let members):
            object { writer in
                for (name, member) in members {
                    writer.name(name.text)
                    writer.value(member)
                }
            }
        }
    }

    /// A document that was written before, as it is.
    package mutating func document(_ written: [UInt8]) {
        separate()
        bytes += written
    }

    package mutating func member(_ name: String, _ value: String) {
        self.name(name)
        self.value(value)
    }

    package mutating func member(_ name: String, _ value: Int) {
        self.name(name)
        self.value(value)
    }

    package mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        self.value(value)
    }

    package mutating func member(_ name: String, _ value: Float) {
        self.name(name)
        self.value(value)
    }

    package mutating func member(_ name: String, _ value: Double) {
        self.name(name)
        self.value(value)
    }

    /// A member that is null where there is no value.
    package mutating func member(_ name: String, optional value: String?) {
        self.name(name)
        if let value { self.value(value) } else { null() }
    }

    /// A member that is null where there is no value.
    package mutating func member(_ name: String, optional value: Float?) {
        self.name(name)
        if let value { self.value(value) } else { null() }
    }

    /// A member that is null where there is no value.
    package mutating func member(_ name: String, optional value: Int?) {
        self.name(name)
        if let value { self.value(value) } else { null() }
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func quoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\\"): append("\\\\")
            case 0x0A: append("\\n")
            case 0x0D: append("\\r")
            case 0x09: append("\\t")
            case 0..<0x20:
                append("\\u00")
                bytes.append(Self.hexadecimal[Int(byte >> 4)])
                bytes.append(Self.hexadecimal[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)
}
