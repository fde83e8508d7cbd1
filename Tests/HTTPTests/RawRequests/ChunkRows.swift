/// Chunks (RFC 9112 section 7.1).
enum ChunkRows {
    /// What is wrong with a chunk shows while the handler reads.
    private static func broken(_ name: String, _ section: String, _ body: String) -> RawExchange {
        .refused(name, section, RawExchange.chunked(body), seen: "POST /p a [!]")
    }

    static let all: [RawExchange] = [
        .accepted(
            "sizes may have several digits",
            "7.1",
            RawExchange.chunked("13\r\n0123456789012345678\r\n3A\r\n\(String(repeating: "x", count: 58))\r\n0\r\n\r\n"),
            "POST /p a [0123456789012345678\(String(repeating: "x", count: 58))]"
        ),
        .accepted("several chunks are one body", "7.1", RawExchange.chunked("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), "POST /p a [abcde]"),
        .accepted("a body of no chunks is empty", "7.1", RawExchange.chunked("0\r\n\r\n"), "POST /p a []"),
        .accepted(
            "sizes are hexadecimal, in any case",
            "7.1",
            RawExchange.chunked("a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n"),
            "POST /p a [01234567890123456789a]"
        ),
        .accepted("sizes may have leading zeros", "7.1", RawExchange.chunked("003\r\nabc\r\n000\r\n\r\n"), "POST /p a [abc]"),
        .accepted(
            "a chunk that looks like the last one is data",
            "7.1",
            RawExchange.chunked("5\r\n0\r\n\r\n\r\n0\r\n\r\n"),
            "POST /p a [0\r\n\r\n]"
        ),
        .accepted("extensions mean nothing", "7.1.1", RawExchange.chunked("3;a;b=c;d=\"e\"\r\nabc\r\n0;f\r\n\r\n"), "POST /p a [abc]"),
        .accepted(
            "white space may surround an extension's delimiters",
            "7.1.1",
            RawExchange.chunked("3 ; a = b\t;c\r\nabc\r\n0\r\n\r\n"),
            "POST /p a [abc]"
        ),
        .accepted(
            "a quoted extension may hold delimiters and quoted quotes",
            "7.1.1",
            RawExchange.chunked("3;a=\"b;\\\"=0\"\r\nabc\r\n0\r\n\r\n"),
            "POST /p a [abc]"
        ),
        .accepted(
            "a request may follow at once",
            "9.3.2",
            RawExchange.chunked("1\r\na\r\n0\r\n\r\n") + RawExchange.get(),
            "POST /p a [a]",
            "GET / a []"
        ),
        RawExchange(
            "a body without its last chunk is not understood",
            "8",
            RawExchange.chunked("3\r\nabc\r\n"),
            answers: [],
            .closed,
            seen: ["POST /p a [!]"]
        )
        .finishing(),
        RawExchange(
            "nor is one whose last chunk is not followed by an empty line",
            "8",
            RawExchange.chunked("3\r\nabc\r\n0\r\n"),
            answers: [],
            .closed,
            seen: ["POST /p a [!]"]
        )
        .finishing(),

        broken("a size that is no number", "7.1", "x\r\nabc\r\n0\r\n\r\n"),
        broken("an empty size", "7.1", "\r\nabc\r\n0\r\n\r\n"),
        broken("a size with a plus", "7.1", "+3\r\nabc\r\n0\r\n\r\n"),
        broken("a size with a minus", "7.1", "-3\r\nabc\r\n0\r\n\r\n"),
        broken("a size with 0x", "7.1", "0x3\r\nabc\r\n0\r\n\r\n"),
        broken("a size with an underscore", "7.1", "0_3\r\nabc\r\n0\r\n\r\n"),
        broken("a size with a fraction", "7.1", "3.0\r\nabc\r\n0\r\n\r\n"),
        broken("a size with a letter behind it", "7.1", "3g\r\nabc\r\n0\r\n\r\n"),
        broken("a size with a space before it", "7.1", " 3\r\nabc\r\n0\r\n\r\n"),
        broken("a size with a tab before it", "7.1", "\t3\r\nabc\r\n0\r\n\r\n"),
        broken("a size with a space behind it", "7.1", "3 \r\nabc\r\n0\r\n\r\n"),
        broken("a size of two numbers", "7.1", "3 3\r\nabc\r\n0\r\n\r\n"),
        broken("a size with a comma", "7.1", "3,3\r\nabc\r\n0\r\n\r\n"),
        broken("a size with a NUL", "7.1", "3\u{0}\r\nabc\r\n0\r\n\r\n"),
        broken("a size in wide digits", "7.1", "\u{ef}\u{bc}\u{93}\r\nabc\r\n0\r\n\r\n"),
        broken("a size of sixteen digits", "7.1", "ffffffffffffffff\r\nabc\r\n0\r\n\r\n"),
        broken("a size that is 3 to 64 bits", "7.1", "10000000000000003\r\nabc\r\n0\r\n\r\n"),
        broken("a size of more zeros than any size needs", "7.1", "00000000000000000003\r\nabc\r\n0\r\n\r\n"),
        broken("a size that ends in a bare line feed", "2.2", "3\nabc\r\n0\r\n\r\n"),
        broken("a size that ends in a bare carriage return", "2.2", "3\rabc\r\n0\r\n\r\n"),
        broken("a size that ends in two carriage returns", "2.2", "3\r\r\nabc\r\n0\r\n\r\n"),
        broken("a size that ends in line feed and carriage return", "2.2", "3\n\rabc\r\n0\r\n\r\n"),
        broken("an extension that ends in a bare line feed", "2.2", "3;a\nabc\r\n0\r\n\r\n"),
        broken("an extension with a bare carriage return", "2.2", "3;a\rb\r\nabc\r\n0\r\n\r\n"),
        broken("an extension with a NUL", "7.1.1", "3;a\u{0}\r\nabc\r\n0\r\n\r\n"),
        broken("an extension with a control character", "7.1.1", "3;a=\"\u{1}\"\r\nabc\r\n0\r\n\r\n"),
        broken("an extension without a name", "7.1.1", "3;\r\nabc\r\n0\r\n\r\n"),
        broken("an extension with a value and no name", "7.1.1", "3;=a\r\nabc\r\n0\r\n\r\n"),
        broken("an extension with an equals sign and no value", "7.1.1", "3;a=\r\nabc\r\n0\r\n\r\n"),
        broken("an extension of two words", "7.1.1", "3;a b\r\nabc\r\n0\r\n\r\n"),
        broken("an extension without a semicolon", "7.1.1", "3 a=b\r\nabc\r\n0\r\n\r\n"),
        broken("an extension whose quote does not close", "7.1.1", "3;a=\"b\r\nabc\r\n0\r\n\r\n"),
        broken("a line break within an extension's quotes", "7.1.1", "3;a=\"\r\nabc\r\n0\r\n\r\n\"\r\n"),
        broken("an extension whose last quote is quoted", "7.1.1", "3;a=\"b\\\"\r\nabc\r\n0\r\n\r\n"),
        broken("a chunk that is longer than its size", "7.1", "3\r\nabcd\r\n0\r\n\r\n"),
        broken("a chunk that is shorter than its size", "7.1", "4\r\nabc\r\n0\r\n\r\n"),
        broken("no line end behind a chunk", "7.1", "3\r\nabc0\r\n\r\n"),
        broken("two other bytes for the line end behind a chunk", "7.1", "3\r\nabcXX0\r\n\r\n"),
        broken("a bare line feed behind a chunk", "2.2", "3\r\nabc\n0\r\n\r\n"),
        broken("a bare carriage return behind a chunk", "2.2", "3\r\nabc\r0\r\n\r\n"),
        broken("an empty line behind a chunk", "7.1", "3\r\nabc\r\n\r\n0\r\n\r\n"),
        broken("a last chunk that ends in a bare line feed", "2.2", "0\n\r\n"),
        broken("a body that ends in a bare line feed", "2.2", "0\r\n\n"),
        broken("a body that ends in a bare carriage return", "2.2", "0\r\n\r"),
        broken("a last chunk with a space behind it", "7.1", "0 \r\n\r\n"),
        broken("a last chunk without the empty line", "7.1", "0\r\n"),
    ]
}
