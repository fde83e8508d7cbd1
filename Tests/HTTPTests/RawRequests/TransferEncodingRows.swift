/// The Transfer-Encoding field (RFC 9112 section 6.1), alone and with a length: the ways in which requests are smuggled (section 11.2).
enum TransferEncodingRows {
    private static func with(_ encoding: String) -> String {
        RawExchange.post("Transfer-Encoding:\(encoding)\r\n", "3\r\nabc\r\n0\r\n\r\n")
    }

    static let all: [RawExchange] = [
        .accepted("a body in chunks", "7.1", with(" chunked"), "POST /p a [abc]"),
        .accepted("the coding in any case", "7", with(" ChUnKeD"), "POST /p a [abc]"),
        .accepted("the coding without a space before it", "5", with("chunked"), "POST /p a [abc]"),
        .accepted("the coding with white space around it", "5", with("\t chunked \t"), "POST /p a [abc]"),
        .accepted("GET in chunks", "6.1", RawExchange.get("Transfer-Encoding: chunked\r\n") + "1\r\na\r\n0\r\n\r\n", "GET / a [a]"),
        .accepted(
            "TE says nothing of the body",
            "RFC 9110 10.1.4",
            RawExchange.get("TE: chunked, trailers\r\nConnection: TE\r\n"),
            "GET / a []"
        ),

        .refused(
            "CL.TE: a length, then chunks",
            "6.3",
            RawExchange.post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nG")
        ),
        .refused(
            "TE.CL: chunks, then a length",
            "6.3",
            RawExchange.post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n")
        ),
        .refused(
            "chunks, and a length of zero",
            "6.3",
            RawExchange.post("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")
        ),
        .refused("an unknown coding, and a length", "6.3", RawExchange.post("Transfer-Encoding: x\r\nContent-Length: 3\r\n", "abc")),
        .refused("an empty coding, and a length", "6.3", RawExchange.post("Transfer-Encoding:\r\nContent-Length: 3\r\n", "abc")),
        .refused(
            "chunks and a length in HTTP/1.0",
            "6.1",
            "POST /p HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc"
        ),
        .refused("chunks in HTTP/1.0", "6.1", "POST /p HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        .refused(
            "chunked twice in two fields",
            "6.1",
            RawExchange.post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")
        ),
        .refused(
            "TE.TE: chunked, then another field",
            "6.1",
            RawExchange.post("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", "0\r\n\r\n")
        ),
        .refused(
            "TE.TE: another field, then chunked",
            "6.1",
            RawExchange.post("Transfer-Encoding: identity\r\nTransfer-encoding: chunked\r\n", "0\r\n\r\n")
        ),
        .refused("chunked twice in a list", "6.1", with(" chunked, chunked")),
        .refused("chunked, then identity", "6.3", with(" chunked, identity")),
        .refused("chunked, then another coding", "6.3", with(" chunked, gzip")),
        .refused("identity alone", "6.3", with(" identity")),
        .refused("identity, then chunked", "6.1", with(" identity, chunked"), 501),
        .refused("another coding, then chunked", "6.1", with(" gzip, chunked"), 501),
        .refused("a comma behind chunked", "6.1", with(" chunked,")),
        .refused("a comma before chunked", "6.1", with(" , chunked")),
        .refused("a letter before chunked", "6.1", with(" xchunked")),
        .refused("a letter behind chunked", "6.1", with(" chunkedx")),
        .refused("less than chunked", "6.1", with(" chunk")),
        .refused("a word before chunked", "6.1", with(" x chunked")),
        .refused("chunked with a weight", "7", with(" chunked;q=1")),
        .refused("chunked with a space and a parameter", "7", with(" chunked ; a=b")),
        .refused("chunked with a semicolon", "7", with(" chunked;")),
        .refused("chunked in double quotes", "6.1", with(" \"chunked\"")),
        .refused("chunked in single quotes", "6.1", with(" 'chunked'")),
        .refused("a vertical tab before chunked", "RFC 9110 5.5", with(" \u{b}chunked")),
        .refused("a form feed before chunked", "RFC 9110 5.5", with(" \u{c}chunked")),
        .refused("a NUL behind chunked", "RFC 9110 5.5", with(" chunked\u{0}")),
        .refused("a NUL within chunked", "RFC 9110 5.5", with(" chun\u{0}ked")),
        .refused("a no-break space before chunked", "6.1", with("\u{a0}chunked")),
        .refused("a next-line byte behind chunked", "6.1", with(" chunked\u{85}")),
        .refused("a Kelvin sign in chunked", "6.1", with(" chun\u{e2}\u{84}\u{aa}ed")),
        .refused("an empty coding", "6.1", with("")),
        .refused("chunked on a folded line", "5.2", with("\r\n chunked")),
        .refused("a folded line behind chunked", "5.2", with(" chunked\r\n , identity")),
        .refused(
            "a space before the coding's colon",
            "5.1",
            RawExchange.post("Transfer-Encoding : chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")
        ),
        .refused(
            "a tab before the coding's colon",
            "5.1",
            RawExchange.post("Transfer-Encoding\t: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")
        ),
        .refused(
            "a vertical tab before the coding's colon",
            "5.1",
            RawExchange.post("Transfer-Encoding\u{b}: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")
        ),
        .refused(
            "a line break before the coding's colon",
            "5.1",
            RawExchange.post("Transfer-Encoding\r\n: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")
        ),
        .refused(
            "a space before the coding's name",
            "5.2",
            RawExchange.post("Content-Length: 5\r\n Transfer-Encoding: chunked\r\n", "0\r\n\r\n")
        ),
        .refused("the coding without a colon", "5", RawExchange.post("Transfer-Encoding chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")),
        .refused(
            "an equals sign for the coding's colon",
            "5",
            RawExchange.post("Transfer-Encoding=chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")
        ),
        .refused(
            "a coding hidden by a bare line feed",
            "2.2",
            RawExchange.post("X: y\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")
        ),
        .refused(
            "a coding hidden by a bare carriage return",
            "2.2",
            RawExchange.post("X: y\rTransfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")
        ),
        .refused(
            "a coding behind a line of a carriage return",
            "2.2",
            RawExchange.post("X: y\r\n\rTransfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")
        ),
    ]
}
