/// What is too long; the server's limits are 32 KiB of head and 1 MiB of body.
enum SizeRows {
    private static func long(_ count: Int) -> String {
        String(repeating: "a", count: count)
    }

    static let all: [RawExchange] = [
        .accepted("a target of eight thousand bytes fits", "3", RawExchange.get(target: "/" + long(8000)), "GET /\(long(8000)) a []"),
        .accepted(
            "a value of thirty thousand bytes fits",
            "5.4",
            RawExchange.get("X: \(long(30_000))\r\n"),
            "GET / a {X: \(long(30_000))} []"
        ),
        .accepted(
            "two thousand chunks are a body",
            "7.1",
            RawExchange.chunked(String(repeating: "1\r\na\r\n", count: 2000) + "0\r\n\r\n"),
            "POST /p a [\(long(2000))]"
        ),
        .refused("a target that is too long", "3", RawExchange.get(target: "/" + long(40_000)), 414),
        .refused("a method that is longer than any", "3", long(40) + " / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        .refused("a method that does not end", "3", long(40_000), 501),
        .refused("a value that is too long", "RFC 6585 5", RawExchange.get("X: \(long(40_000))\r\n"), 431),
        .refused("a name that is too long", "RFC 6585 5", RawExchange.get("\(long(40_000)): x\r\n"), 431),
        .refused(
            "fields that are too long together",
            "RFC 6585 5",
            RawExchange.get(String(repeating: "X: \(long(500))\r\n", count: 100)),
            431
        ),
        .refused("too many fields", "RFC 6585 5", RawExchange.get(String(repeating: "X: y\r\n", count: 200)), 431),
        .refused(
            "a body that is said to be too long",
            "RFC 9110 15.5.14",
            RawExchange.post("Content-Length: 2000000\r\n", ""),
            413,
            seen: "POST /p a [!]"
        ),
        .refused(
            "chunks that are too long together",
            "RFC 9110 15.5.14",
            RawExchange.chunked("100000\r\n\(long(1 << 20))\r\n1\r\na\r\n"),
            413,
            seen: "POST /p a [!]"
        ),
        .refused(
            "an extension that is too long",
            "7.1.1",
            RawExchange.chunked("3;\(long(5000))\r\nabc\r\n0\r\n\r\n"),
            seen: "POST /p a [!]"
        ),
        .refused(
            "extensions that are too long together",
            "7.1.1",
            RawExchange.chunked(String(repeating: "1;\(long(3000))\r\na\r\n", count: 100) + "0\r\n\r\n"),
            seen: "POST /p a [!]"
        ),
        .refused("trailers that are too long", "7.1.2", RawExchange.chunked("0\r\nX: \(long(20_000))\r\n\r\n"), seen: "POST /p a [!]"),
        .refused(
            "trailers that are too many",
            "7.1.2",
            RawExchange.chunked("0\r\n" + String(repeating: "X: y\r\n", count: 5000) + "\r\n"),
            seen: "POST /p a [!]"
        ),
    ]
}
