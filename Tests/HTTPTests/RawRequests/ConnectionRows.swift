/// Several requests on a connection, and what decides whether it goes on (RFC 9112 section 9).
enum ConnectionRows {
    private static let upgrade = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"

    private static func closing(_ name: String, _ section: String, _ text: String, _ seen: String) -> RawExchange {
        RawExchange(name, section, text + RawExchange.smuggled, answers: [200], .closed, seen: [seen])
    }

    static let all: [RawExchange] = [
        // Persistence.
        .accepted(
            "pipelined requests are answered in order",
            "9.3.2",
            RawExchange.get(target: "/1") + RawExchange.post("Content-Length: 1\r\n", "b") + RawExchange.chunked("1\r\nc\r\n0\r\n\r\n")
                + RawExchange.get(target: "/4"),
            "GET /1 a []",
            "POST /p a [b]",
            "POST /p a [c]",
            "GET /4 a []"
        ),
        closing("close closes, and what follows is not understood", "9.6", RawExchange.get("Connection: close\r\n"), "GET / a []"),
        closing("close in any case, in a list", "9.6", RawExchange.get("Connection: keep-alive, CLOSE\r\n"), "GET / a []"),
        closing("close in the second of two fields", "9.6", RawExchange.get("Connection: X-Y\r\nConnection: close\r\n"), "GET / a []"),
        closing("HTTP/1.0 closes", "9.3", RawExchange.get(version: "1.0"), "GET / a []"),
        closing("HTTP/1.0 needs no host", "3.2", "GET / HTTP/1.0\r\n\r\n", "GET / - []"),
        closing(
            "HTTP/1.0 with keep-alive and close closes",
            "9.3",
            RawExchange.get("Connection: keep-alive, close\r\n", version: "1.0"),
            "GET / a []"
        ),
        .accepted(
            "HTTP/1.0 stays if it asks for it",
            "9.3",
            RawExchange.get("Connection: Keep-Alive\r\n", version: "1.0") + RawExchange.get(),
            "GET / a []",
            "GET / a []"
        ),
        .accepted(
            "a close of another word closes nothing",
            "9.6",
            RawExchange.get("Connection: close-not, enclose\r\nProxy-Connection: close\r\n"),
            "GET / a []"
        ),
        .accepted(
            "Connection takes no length away",
            "RFC 9110 7.6.1",
            RawExchange.post("Connection: Content-Length, Host\r\nContent-Length: 3\r\n", "abc"),
            "POST /p a [abc]"
        ),
        .accepted(
            "Connection takes no coding away",
            "RFC 9110 7.6.1",
            RawExchange.post("Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\n\r\n"),
            "POST /p a [a]"
        ),
        // A connection that is poisoned.
        RawExchange(
            "a bad request behind a good one",
            "11.2",
            RawExchange.get(target: "/1") + RawExchange.get("X : y\r\n") + RawExchange.smuggled,
            answers: [200, 400],
            .closed,
            seen: ["GET /1 a []"]
        ),
        RawExchange(
            "a bad body behind a good request",
            "11.2",
            RawExchange.get(target: "/1") + RawExchange.chunked("x\r\n") + RawExchange.smuggled,
            answers: [200, 400],
            .closed,
            seen: ["GET /1 a []", "POST /p a [!]"]
        ),
        RawExchange("half a head, and the end", "8", "GET / HTTP/1.1\r\nHost: a\r\n", answers: [], .closed, seen: []).finishing(),
        // HEAD.
        .accepted(
            "HEAD is answered without a body",
            "6.3",
            "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + RawExchange.get(),
            "HEAD / a []",
            "GET / a []"
        ).toHead(0),
        .accepted(
            "HEAD with a body is answered without one",
            "6.3",
            "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + RawExchange.get(),
            "HEAD / a [abc]",
            "GET / a []"
        ).toHead(0),
        // Interim answers.
        RawExchange(
            "100 before the body is read",
            "RFC 9110 10.1.1",
            RawExchange.post("Expect: 100-continue\r\nContent-Length: 3\r\n", "abc"),
            answers: [100, 200],
            .open,
            seen: ["POST /p a [abc]"]
        ),
        RawExchange(
            "100 in any case, for chunks",
            "RFC 9110 10.1.1",
            RawExchange.post("Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\n\r\n"),
            answers: [100, 200],
            .open,
            seen: ["POST /p a [a]"]
        ),
        .accepted("no 100 where there is no body", "RFC 9110 10.1.1", RawExchange.get("Expect: 100-continue\r\n"), "GET / a []"),
        .accepted(
            "no 100 where the body is empty",
            "RFC 9110 10.1.1",
            RawExchange.post("Expect: 100-continue\r\nContent-Length: 0\r\n", ""),
            "POST /p a []"
        ),
        closing(
            "no 100 in HTTP/1.0",
            "RFC 9110 10.1.1",
            "POST /p HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na",
            "POST /p a [a]"
        ),
        closing(
            "no 100 where nobody reads, and then nothing is understood",
            "RFC 9110 10.1.1",
            "POST /unread HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n",
            "POST /unread a"
        ),
        .refused("another expectation", "RFC 9110 10.1.1", RawExchange.post("Expect: 200-ok\r\nContent-Length: 3\r\n", "abc"), 417),
        .refused("an empty expectation", "RFC 9110 10.1.1", RawExchange.post("Expect:\r\nContent-Length: 3\r\n", "abc"), 417),
        .refused(
            "an expectation with a word before it",
            "RFC 9110 10.1.1",
            RawExchange.post("Expect: y 100-continue\r\nContent-Length: 3\r\n", "abc"),
            417
        ),
        .refused(
            "two expectations",
            "RFC 9110 10.1.1",
            RawExchange.post("Expect: 100-continue\r\nExpect: x\r\nContent-Length: 3\r\n", "abc"),
            417
        ),
        .refused("a folded expectation", "5.2", RawExchange.post("Expect:\r\n 100-continue\r\nContent-Length: 3\r\n", "abc")),
        // Other protocols.
        .accepted(
            "an upgrade to HTTP/2 is not taken",
            "RFC 9110 7.8",
            RawExchange.get(upgrade) + RawExchange.get(target: "/2"),
            "GET / a []",
            "GET /2 a []"
        ),
        .accepted(
            "nor is one with a body",
            "RFC 9110 7.8",
            RawExchange.post(upgrade + "Content-Length: 1\r\n", "a") + RawExchange.get(),
            "POST /p a [a]",
            "GET / a []"
        ),
        .accepted(
            "an upgrade to WebSocket is not taken",
            "RFC 9110 7.8",
            RawExchange.get(
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            ),
            "GET / a []"
        ),
        RawExchange(
            "what is sent as if an upgrade had been taken is refused",
            "RFC 9110 7.8",
            RawExchange.get(upgrade) + "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + RawExchange.smuggled,
            answers: [200, 505],
            .closed,
            seen: ["GET / a []"]
        ),
    ]
}
