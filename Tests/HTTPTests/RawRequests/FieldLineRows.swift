/// Field lines (RFC 9112 section 5).
enum FieldLineRows {
    static let all: [RawExchange] = [
        .accepted("white space around a value is not part of it", "5", RawExchange.get("X: \t y z\t \r\n"), "GET / a {X: y z} []"),
        .accepted("a value may be empty, and need no space", "5", RawExchange.get("X:\r\nX-B:c\r\n"), "GET / a {X: , X-B: c} []"),
        .accepted("a value may hold colons and tabs", "RFC 9110 5.5", RawExchange.get("X: a:b\tc\r\n"), "GET / a {X: a:b\tc} []"),
        .accepted(
            "names are compared in any case",
            "RFC 9110 5.1",
            "POST / HTTP/1.1\r\nhOsT: a\r\ncOnTeNt-LeNgTh: 1\r\n\r\nb",
            "POST / a [b]"
        ),
        .accepted("a field may come twice", "RFC 9110 5.2", RawExchange.get("X: 1\r\nX: 2\r\n"), "GET / a {X: 1, X: 2} []"),
        .accepted("high bytes in a value are obsolete text", "RFC 9110 5.5", RawExchange.get("Y: \u{e9}\u{ff}\r\n"), "GET / a []"),
        .accepted("the line ends of other encodings end no line", "2.2", RawExchange.get("Y: z\u{85}X: y\r\n"), "GET / a []"),
        .accepted(
            "an underscore is another name than a hyphen",
            "RFC 9110 5.1",
            RawExchange.get("Content_Length: 3\r\nTransfer_Encoding: chunked\r\n"),
            "GET / a []"
        ),

        .refused("a space before the colon", "5.1", RawExchange.get("X : y\r\n")),
        .refused("a tab before the colon", "5.1", RawExchange.get("X\t: y\r\n")),
        .refused("a vertical tab before the colon", "5.1", RawExchange.get("X\u{b}: y\r\n")),
        .refused("a no-break space before the colon", "5.1", RawExchange.get("X\u{a0}: y\r\n")),
        .refused("a folded line", "5.2", RawExchange.get("X: y\r\n z\r\n")),
        .refused("a line folded with a tab", "5.2", RawExchange.get("X: y\r\n\tz\r\n")),
        .refused("a folded line of white space only", "5.2", RawExchange.get("X: y\r\n \r\n")),
        .refused("white space before the first field", "2.2", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
        .refused("a line without a colon", "5", RawExchange.get("nonsense\r\n")),
        .refused("an empty name", "RFC 9110 5.1", RawExchange.get(": y\r\n")),
        .refused("a name with a space", "RFC 9110 5.1", RawExchange.get("X Y: z\r\n")),
        .refused("a name with a bracket", "RFC 9110 5.1", RawExchange.get("X(Y): z\r\n")),
        .refused("a name with a quote", "RFC 9110 5.1", RawExchange.get("\"X\": z\r\n")),
        .refused("a name with a NUL", "RFC 9110 5.1", RawExchange.get("X\u{0}: z\r\n")),
        .refused("a name with a control character", "RFC 9110 5.1", RawExchange.get("X\u{1}: z\r\n")),
        .refused("a name with a high byte", "RFC 9110 5.1", RawExchange.get("X\u{80}: z\r\n")),
        .refused("a name with a DEL", "RFC 9110 5.1", RawExchange.get("X\u{7f}: z\r\n")),
        .refused("a value with a NUL", "RFC 9110 5.5", RawExchange.get("X: y\u{0}z\r\n")),
        .refused("a value with a control character", "RFC 9110 5.5", RawExchange.get("X: y\u{1}z\r\n")),
        .refused("a value with an escape", "RFC 9110 5.5", RawExchange.get("X: y\u{1b}[2Jz\r\n")),
        .refused("a value with a vertical tab", "RFC 9110 5.5", RawExchange.get("X: y\u{b}z\r\n")),
        .refused("a value with a DEL", "RFC 9110 5.5", RawExchange.get("X: y\u{7f}z\r\n")),
        .refused("a value with a bare carriage return", "2.2", RawExchange.get("X: y\rz\r\n")),
        .refused("a value that ends in two carriage returns", "2.2", RawExchange.get("X: y\r\r\n")),
        .refused("a line that ends in a bare line feed", "2.2", RawExchange.get("X: y\nZ: z\r\n")),
        .refused("a line that ends in line feed and carriage return", "2.2", RawExchange.get("X: y\n\rZ: z\r\n")),
        .refused("a head that ends in a bare line feed", "2.2", "GET / HTTP/1.1\r\nHost: a\r\n\n"),
        .refused("a head that ends in two bare line feeds", "2.2", "GET / HTTP/1.1\r\nHost: a\n\n"),
        .refused("a head that ends in two bare carriage returns", "2.2", "GET / HTTP/1.1\r\nHost: a\r\r"),
        .refused("a line of a carriage return alone", "2.2", RawExchange.get("\r\r\nX: y\r\n")),
    ]
}
