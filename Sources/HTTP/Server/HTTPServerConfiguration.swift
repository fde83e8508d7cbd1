import HTTPTypes

/// Where a server listens, and every limit it keeps. The names are those of Go's net/http where it has the same knob.
public struct HTTPServerConfiguration: Sendable {
    /// The address to listen on: a name or an IPv4 or IPv6 address.
    public var host = "127.0.0.1"
    /// The port; 0 picks a free one.
    public var port = 8080
    /// Its certificate and key; nil: it speaks without TLS.
    public var tls: TLSServerSettings?
    /// The longest request head, request line included; more is answered 431.
    public var headerBytes = 32 << 10
    /// The longest body that a handler gets without naming a limit of its own; more is answered 413.
    public var bodyBytes = 4 << 20
    /// Connections at once; more are answered 503 and closed.
    public var connections = 1024
    /// Connections at once from one address; more are answered 503 and closed.
    public var connectionsPerAddress = 256
    /// From a request's first byte, or from the connection's start, to the end of its head; later is answered 408.
    public var headerTimeout: Duration = .seconds(10)
    /// From one piece of a body to the next while a handler waits for it.
    public var bodyTimeout: Duration = .seconds(30)
    /// Bytes a second with which a body has to come on the whole: a handler waits for ``bodyTimeout`` altogether, and for one second more for each
    /// so many bytes that have come. Only time in which a handler waits counts. Slower is answered 408. Nil: any rate will do.
    public var minimumBodyRate: Int? = 500
    /// From the end of a request's head to the end of its answer. Where no answer has begun by then, it becomes 503, or 408 if the handler waits for
    /// the body, and the handler is cancelled; one that has begun is cut off. Nil: no limit.
    public var requestTimeout: Duration?
    /// From the end of one request to the first byte of the next; later the connection is closed.
    public var idleTimeout: Duration = .seconds(75)
    /// How long a peer may take none of the bytes that wait for it; later the connection is closed.
    public var writeTimeout: Duration = .seconds(30)
    /// After an answer that ends the connection: how long what the peer still sends is read and dropped, so that the answer arrives.
    public var lingerTimeout: Duration = .seconds(2)
    /// What the server answers by itself, before or instead of a handler: the status, a sentence, and a word for programs where the status does not say it
    /// all, become a body.
    public var errorBody: @Sendable (HTTPResponse.Status, String, _ code: String?) -> (contentType: String, body: [UInt8]) = {
        (status, message, _) in
        ("text/plain; charset=utf-8", Array("\(status.code) \(status.reasonPhrase): \(message)\n".utf8))
    }

    /// The defaults.
    public init() {}
}
