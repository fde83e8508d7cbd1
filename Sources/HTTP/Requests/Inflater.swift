import CZlib

/// Unpacks gzip (RFC 1952), never to more bytes than a limit: a small body may claim to be a huge one.
package final class Inflater {
    private var stream = z_stream()
    private var output: [UInt8] = []
    private var hasEnded = false
    private let limit: Int

    package init(limit: Int) throws(RequestBodyError) {
        self.limit = limit
        // 15 bits of window, 16 for a gzip header.
        guard rudder_inflate_init2(&stream, 15 + 16) == Z_OK else { throw .badCompression }
    }

    deinit {
        inflateEnd(&stream)
    }

    /// Takes packed bytes.
    package func append(_ bytes: [UInt8]) throws(RequestBodyError) {
        guard !bytes.isEmpty else { return }
        let failure = bytes.withUnsafeBufferPointer { input -> RequestBodyError? in
            stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.avail_in = UInt32(clamping: input.count)
            while stream.avail_in > 0 {
                // A further gzip member may follow the first one.
                if hasEnded {
                    guard inflateReset(&stream) == Z_OK else { return .badCompression }
                    hasEnded = false
                }
                if let failure = inflateSome() { return failure }
            }
            return nil
        }
        if let failure { throw failure }
    }

    private func inflateSome() -> RequestBodyError? {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32 << 10) { space in
            stream.next_out = space.baseAddress
            stream.avail_out = UInt32(space.count)
            let status = inflate(&stream, Z_NO_FLUSH)
            guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else { return .badCompression }
            let count = space.count - Int(stream.avail_out)
            guard output.count + count <= limit else { return .tooLarge(limit: limit) }
            output.append(contentsOf: space[..<count])
            hasEnded = status == Z_STREAM_END
            return status == Z_BUF_ERROR && count == 0 ? .badCompression : nil
        }
    }

    /// What was unpacked since the last call.
    package func takeOutput() -> [UInt8] {
        defer { output.removeAll() }
        return output
    }

    /// The unpacked bytes, once all packed ones were taken.
    package func finish() throws(RequestBodyError) -> [UInt8] {
        guard hasEnded else { throw .badCompression }
        return output
    }
}
