/// Bodies by their length (RFC 9112 section 6.2, and 6.3 for what is wrong with one).
enum ContentLengthRows {
    private static func with(_ length: String, _ body: String = "abc") -> String {
        RawExchange.post("Content-Length:\(length)\r\n", body)
    }

    static let all: [RawExchange] = [
        .accepted("a body by its length", "6.2", with(" 3"), "POST /p a [abc]"),
        .accepted("a length of zero is no body", "6.2", with(" 0", ""), "POST /p a []"),
        .accepted("no length is no body", "6.3", RawExchange.post("", ""), "POST /p a []"),
        .accepted("a length may have leading zeros", "RFC 9110 8.6", with(" 0003"), "POST /p a [abc]"),
        .accepted("white space around a length is not part of it", "5", with(" \t3\t "), "POST /p a [abc]"),
        .accepted("GET may have a body", "RFC 9110 9.3.1", RawExchange.get("Content-Length: 3\r\n") + "abc", "GET / a [abc]"),
        .accepted(
            "a body that looks like a request is a body",
            "6.2",
            with(" \(RawExchange.smuggled.utf8.count)", RawExchange.smuggled) + RawExchange.get(target: "/next"),
            "POST /p a [\(RawExchange.smuggled)]",
            "GET /next a []"
        ),
        RawExchange(
            "a body that a handler leaves is not taken for a request",
            "9.3",
            "POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: \(RawExchange.smuggled.utf8.count)\r\n\r\n\(RawExchange.smuggled)",
            answers: [200],
            .closed,
            seen: ["POST /unread a"]
        ),
        RawExchange(
            "nor is that of GET",
            "9.3",
            "GET /unread HTTP/1.1\r\nHost: a\r\nContent-Length: \(RawExchange.smuggled.utf8.count)\r\n\r\n\(RawExchange.smuggled)",
            answers: [200],
            .closed,
            seen: ["GET /unread a"]
        ),
        RawExchange(
            "what follows a body and is no request is refused",
            "6.3",
            with(" 3", "abc\u{1}") + RawExchange.smuggled,
            answers: [200, 400],
            .closed,
            seen: ["POST /p a [abc]"]
        ),
        RawExchange("a body that ends too early is not understood", "8", with(" 10"), answers: [], .closed, seen: ["POST /p a [!]"])
            .finishing(),

        .refused("two equal lengths", "6.3", RawExchange.post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc")),
        .refused("two different lengths", "6.3", RawExchange.post("Content-Length: 0\r\nContent-Length: 3\r\n", "abc")),
        .refused("two lengths in HTTP/1.0", "6.3", "POST /p HTTP/1.0\r\nContent-Length: 3\r\nContent-Length: 0\r\n\r\nabc"),
        .refused("a list of equal lengths", "6.3", with(" 3, 3")),
        .refused("a list of different lengths", "6.3", with(" 0, 3")),
        .refused("a length and an empty member", "6.3", with(" 3,")),
        .refused("a length with a plus", "6.3", with(" +3")),
        .refused("a length with a minus", "6.3", with(" -3")),
        .refused("a length of minus zero", "6.3", with(" -0")),
        .refused("a hexadecimal length", "6.3", with(" 0x3")),
        .refused("a length with a letter behind it", "6.3", with(" 3a")),
        .refused("a length with a fraction", "6.3", with(" 3.0")),
        .refused("a length with an exponent", "6.3", with(" 3e0")),
        .refused("a length with an underscore", "6.3", with(" 0_3")),
        .refused("a length with a parameter", "6.3", with(" 3;q=1")),
        .refused("a length in quotes", "6.3", with(" \"3\"")),
        .refused("a length with a space in it", "6.3", with(" 0 3")),
        .refused("a length with a vertical tab before it", "6.3", with("\u{b}3")),
        .refused("a length with a no-break space behind it", "6.3", with(" 3\u{a0}")),
        .refused("an empty length", "6.3", with("")),
        .refused("a length in Arabic digits", "6.3", with(" \u{d9}\u{a3}")),
        .refused("a length beyond all numbers", "6.3", with(" 99999999999999999999999")),
        .refused("a length that is 3 to 64 bits", "6.3", with(" 18446744073709551619")),
        .refused("a length that is 3 to 32 bits, and more than fits", "RFC 9110 15.5.14", with(" 4294967299"), 413, seen: "POST /p a [!]"),
        .refused("a folded length", "5.2", RawExchange.post("Content-Length:\r\n 3\r\n", "abc")),
        .refused("a space before the length's colon", "5.1", RawExchange.post("Content-Length : 3\r\n", "abc")),
        .refused("a length hidden by a bare line feed", "2.2", RawExchange.post("X: y\nContent-Length: 3\r\n", "abc")),
    ]
}
