/// The Host field (RFC 9112 section 3.2, RFC 9110 section 7.2).
enum HostRows {
    private static func with(_ host: String, target: String = "/", version: String = "1.1") -> String {
        "GET \(target) HTTP/\(version)\r\n\(host)\r\n"
    }

    static let all: [RawExchange] = [
        .accepted("a host with a port", "RFC 9110 7.2", with("Host: a:8080\r\n"), "GET / a:8080 []"),
        .accepted("a host with a colon and no port", "RFC 3986 3.2.3", with("Host: a:\r\n"), "GET / a: []"),
        .accepted("an IPv6 host", "RFC 3986 3.2.2", with("Host: [::1]:80\r\n"), "GET / [::1]:80 []"),
        .accepted("an empty host", "RFC 9110 7.2", with("Host:\r\n"), "GET /  []"),
        .accepted(
            "the authority of an absolute target counts, not Host",
            "3.2.2",
            with("Host: a\r\n", target: "http://b/x"),
            "GET /x b []"
        ),

        .refused("no host", "3.2", with("")),
        .refused("no host but in an absolute target", "3.2", with("", target: "http://b/x")),
        .refused("the same host twice", "3.2", with("Host: a\r\nHost: a\r\n")),
        .refused("two hosts", "3.2", with("Host: a\r\nhost: b\r\n")),
        .refused("two hosts in HTTP/1.0", "3.2", with("Host: a\r\nHost: b\r\n", version: "1.0")),
        .refused("two hosts beside an absolute target", "3.2", with("Host: a\r\nHost: b\r\n", target: "http://a/x")),
        .refused("a list of hosts", "3.2", with("Host: a, b\r\n")),
        .refused("a host that is none beside an absolute target", "3.2", with("Host: a b\r\n", target: "http://a/x")),
        .refused("a host with a path", "3.2", with("Host: a/b\r\n")),
        .refused("a host with a query", "3.2", with("Host: a?b\r\n")),
        .refused("a host with a scheme", "3.2", with("Host: http://a\r\n")),
        .refused("a host with a user name", "RFC 9110 4.2.4", with("Host: me@a\r\n")),
        .refused("a host with two ports", "3.2", with("Host: a:1:2\r\n")),
        .refused("a host with a port just beyond all ports", "3.2", with("Host: a:65536\r\n")),
        .refused("a host with a port far beyond all ports", "3.2", with("Host: a:99999999\r\n")),
        .refused("a host with a port that is a word", "3.2", with("Host: a:http\r\n")),
        .refused("a port without a host", "3.2", with("Host: :80\r\n")),
        .refused("an IPv6 host without brackets", "RFC 3986 3.2.2", with("Host: ::1\r\n")),
        .refused("a name in brackets", "RFC 3986 3.2.2", with("Host: [localhost]\r\n")),
        .refused("a bracket that does not close", "RFC 3986 3.2.2", with("Host: [::1\r\n")),
        .refused("a name behind a bracket", "RFC 3986 3.2.2", with("Host: [::1]a\r\n")),
        .refused("a host with a bad percent sign", "RFC 3986 2.1", with("Host: a%zz\r\n")),
        .refused("a host with a high byte", "3.2", with("Host: a\u{e9}\r\n")),
        .refused("a host with a backslash", "3.2", with("Host: a\\b\r\n")),
        .refused("a space before the host's colon", "5.1", with("Host : a\r\n")),
    ]
}
