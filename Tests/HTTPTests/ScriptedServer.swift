import Foundation
import HTTP
import HTTPTypes

/// A server that answers every request with the same bytes, whatever HTTP says, and waits for nothing but the request's header.
final class ScriptedServer: Sendable {
    /// What it does with a connection once the answer is sent.
    enum Ending {
        case closes
        /// Waits until the client has gone.
        case keepsOpen
        /// Sends one byte after another until the client has gone.
        case drips
    }

    var port: Int { listener.port }
    /// "request" when one has come, "closed" when a client was seen to have gone.
    let events = TestServer.Events()
    let listener: SilentListener

    /// Starts a server.
    ///
    /// - Parameters:
    ///   - answer: what it sends.
    ///   - piece: in pieces of so many bytes.
    init(_ answer: String, piece: Int = .max, then ending: Ending) throws {
        let listener = try SilentListener()
        let (bytes, events) = (Array(answer.utf8), events)
        self.listener = listener
        Thread.detachNewThread {
            while true {
                let connection = accept(listener.descriptor, nil, nil)
                guard connection >= 0 else { return }
                Self.serve(connection, bytes, piece: piece, ending, events)
                close(connection)
            }
        }
    }

    deinit {
        // The thread's call ends; it owns the listener until then.
        shutdown(listener.descriptor, Int32(SHUT_RDWR))
    }

    /// Asks it, which therefore lives as long.
    func ask(_ client: HTTPClient, _ method: HTTPRequest.Method = .get) async throws(HTTPClientError) -> HTTPClientResponse {
        try await client.send(method, "http://127.0.0.1:\(port)/")
    }

    private static func serve(_ connection: Int32, _ answer: [UInt8], piece: Int, _ ending: Ending, _ events: TestServer.Events) {
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var one: Int32 = 1
        setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        var request: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while !String(decoding: request, as: UTF8.self).contains("\r\n\r\n") {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return events.add("closed") }
            request += buffer[..<count]
        }
        events.add("request")
        var sent = 0
        while sent < answer.count {
            let count = answer[sent...].prefix(piece).withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return events.add("closed") }
            sent += count
        }
        switch ending {
        case .closes: return
        case .keepsOpen: while recv(connection, &buffer, buffer.count, 0) > 0 {}
        case .drips:
            var byte = UInt8(ascii: "5")
            while send(connection, &byte, 1, Int32(MSG_NOSIGNAL)) == 1 { usleep(4_000) }
        }
        events.add("closed")
    }
}
