import HTTPTypes

/// Takes chunked bodies apart (RFC 9112 section 7.1), strictly, whatever pieces they arrive in.
package struct ChunkedDecoder {
    package enum Event: Equatable {
        /// Bytes of the body.
        case data(Range<Int>)
        /// The body and its trailers have ended.
        case end
        /// More must arrive first.
        case incomplete
        /// What arrived is not a chunked body.
        case malformed(String)
    }

    private enum State {
        case size
        case data(Int)
        case dataEnd
        case trailer(Int)
        case ended
    }

    private var state = State.size
    /// How many bytes of extensions came so far: they mean nothing here, so a body may not consist of them.
    private var extensionBytes = 0

    /// The longest line of a chunk's size and extensions, and of all trailers together.
    private static let maximumLine = 4096
    private static let maximumTrailers = 16 << 10
    /// The most bytes of all extensions together.
    private static let maximumExtensions = 16 << 10

    package init() {}

    /// Looks at what has arrived and not been used up.
    ///
    /// - Returns: what it is, and how many bytes it takes.
    package mutating func next(_ bytes: ArraySlice<UInt8>) -> (event: Event, used: Int) {
        var position = bytes.startIndex
        func outcome(_ event: Event, _ end: Int) -> (Event, Int) { (event, end - bytes.startIndex) }
        while true {
            switch state {
            case .size:
                guard let line = line(bytes[position...], limit: Self.maximumLine) else {
                    return outcome(.malformed("a chunk's size is not a line"), position)
                }
                guard let end = line.end else { return outcome(.incomplete, position) }
                let digits = line.content.prefix { !ASCIIText.isSpace($0) && $0 != UInt8(ascii: ";") }
                guard let size = Self.size(digits) else {
                    return outcome(.malformed("a chunk's size is not a hexadecimal number"), position)
                }
                let extensions = line.content[digits.endIndex...]
                guard ChunkExtensions.areWellFormed(extensions) else {
                    return outcome(.malformed("a chunk's extension is not '; name=value'"), position)
                }
                extensionBytes += extensions.count
                guard extensionBytes <= Self.maximumExtensions else { return outcome(.malformed("its extensions are too long"), position) }
                position = end
                state = size == 0 ? .trailer(0) : .data(size)
            case .data(let remaining):
                let count = min(remaining, bytes.endIndex - position)
                guard count > 0 else { return outcome(.incomplete, position) }
                state = remaining == count ? .dataEnd : .data(remaining - count)
                return outcome(.data(position..<position + count), position + count)
            case .dataEnd:
                guard bytes.endIndex - position >= 2 else {
                    if bytes.endIndex > position, bytes[position] != 0x0d {
                        return outcome(.malformed("a chunk is longer than its size"), position)
                    }
                    return outcome(.incomplete, position)
                }
                guard bytes[position] == 0x0d, bytes[position + 1] == 0x0a else {
                    return outcome(.malformed("a chunk is longer than its size"), position)
                }
                position += 2
                state = .size
            case .trailer(let size):
                guard let line = line(bytes[position...], limit: Self.maximumTrailers - size) else {
                    return outcome(.malformed("the trailers are too long or not lines"), position)
                }
                guard let end = line.end else { return outcome(.incomplete, position) }
                position = end
                if line.content.isEmpty {
                    state = .ended
                } else {
                    guard let colon = line.content.firstIndex(of: UInt8(ascii: ":")),
                        HTTPField.Name(String(decoding: line.content[..<colon], as: UTF8.self)) != nil
                    else {
                        return outcome(.malformed("a trailer is not a header line"), position)
                    }
                    state = .trailer(size + line.content.count + 2)
                }
            case .ended:
                return outcome(.end, position)
            }
        }
    }

    /// A line that ends in CR LF: its content and where the next begins; no end where it has not arrived; nil where it can be none.
    private func line(_ bytes: ArraySlice<UInt8>, limit: Int) -> (content: ArraySlice<UInt8>, end: Int?)? {
        guard let newline = bytes.prefix(limit).firstIndex(of: 0x0a) else {
            let isTooLong = bytes.count >= limit
            let hasBareReturn = bytes.dropLast().contains(0x0d)
            return isTooLong || hasBareReturn ? nil : (bytes, nil)
        }
        guard newline > bytes.startIndex, bytes[newline - 1] == 0x0d else { return nil }
        let content = bytes[bytes.startIndex..<newline - 1]
        guard content.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7f) }) else { return nil }
        return (content, newline + 1)
    }

    /// A number of 1 to 15 hexadecimal digits.
    private static func size(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (1...15).contains(digits.count) else { return nil }
        var value = 0
        for byte in digits {
            switch byte {
            case 0x30...0x39: value = value << 4 | (Int(byte) - 0x30)
            case 0x41...0x46: value = value << 4 | (Int(byte) - 0x41 + 10)
            case 0x61...0x66: value = value << 4 | (Int(byte) - 0x61 + 10)
            default: return nil
            }
        }
        return value
    }
}
