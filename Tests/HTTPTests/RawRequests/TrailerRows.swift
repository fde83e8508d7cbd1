/// Trailers (RFC 9112 section 7.1.2, RFC 9110 section 6.5).
enum TrailerRows {
    private static func broken(_ name: String, _ section: String, _ trailers: String) -> RawExchange {
        .refused(name, section, RawExchange.chunked("1\r\na\r\n0\r\n\(trailers)"), seen: "POST /p a [!]")
    }

    static let all: [RawExchange] = [
        .accepted("trailers are dropped", "7.1.2", RawExchange.chunked("1\r\na\r\n0\r\nX: y\r\nX-Z:\r\n\r\n"), "POST /p a [a]"),
        .accepted(
            "trailers that are announced are dropped",
            "RFC 9110 6.6.2",
            RawExchange.post("Trailer: X\r\nTransfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\nX: y\r\n\r\n"),
            "POST /p a [a]"
        ),
        .accepted(
            "a length in the trailers delimits nothing",
            "RFC 9110 6.5.1",
            RawExchange.chunked("1\r\na\r\n0\r\nContent-Length: 100\r\n\r\n") + RawExchange.get(),
            "POST /p a [a]",
            "GET / a []"
        ),
        .accepted(
            "a coding in the trailers delimits nothing",
            "RFC 9110 6.5.1",
            RawExchange.chunked("1\r\na\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n") + RawExchange.get(),
            "POST /p a [a]",
            "GET / a []"
        ),
        .accepted(
            "a host in the trailers names nobody, and close closes nothing",
            "RFC 9110 6.5.1",
            RawExchange.chunked("1\r\na\r\n0\r\nHost: b\r\nConnection: close\r\n\r\n") + RawExchange.get(),
            "POST /p a [a]",
            "GET / a []"
        ),
        RawExchange(
            "trailers that end too early",
            "8",
            RawExchange.chunked("1\r\na\r\n0\r\nX: y\r\n"),
            answers: [],
            .closed,
            seen: ["POST /p a [!]"]
        ).finishing(),

        broken("a trailer without a colon", "5", "nonsense\r\n\r\n"),
        broken("a request for a trailer", "5", "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"),
        broken("a trailer with a space before the colon", "5.1", "X : y\r\n\r\n"),
        broken("a trailer without a name", "RFC 9110 5.1", ": y\r\n\r\n"),
        broken("a folded trailer", "5.2", "X: y\r\n z\r\n\r\n"),
        broken("a trailer's name with a high byte", "RFC 9110 5.1", "X\u{80}: y\r\n\r\n"),
        broken("a trailer with a NUL", "RFC 9110 5.5", "X: y\u{0}\r\n\r\n"),
        broken("a trailer with a control character", "RFC 9110 5.5", "X: y\u{1}\r\n\r\n"),
        broken("a trailer with a bare carriage return", "2.2", "X: y\rZ: z\r\n\r\n"),
        broken("a trailer that ends in a bare line feed", "2.2", "X: y\nZ: z\r\n\r\n"),
        broken("trailers that end in two bare line feeds", "2.2", "X: y\n\n"),
    ]
}
