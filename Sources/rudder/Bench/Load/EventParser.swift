/// Splits a stream of server-sent events into lines as it arrives.
package struct EventParser {
    /// The line that has begun to arrive.
    private var partial: [UInt8] = []

    package init() {}

    /// Takes what arrived of the body.
    ///
    /// - Parameter take: called with each line's event, in order.
    package mutating func take(
        _ bytes: UnsafeRawBufferPointer,
        event take: (StreamEvent) throws(LoadFailure) -> Void
    ) throws(LoadFailure) {
        var start = 0
        for position in 0..<bytes.count where bytes[position] == UInt8(ascii: "\n") {
            partial.append(contentsOf: bytes[start..<position])
            start = position + 1
            if partial.last == UInt8(ascii: "\r") { partial.removeLast() }
            let event = partial.isEmpty ? nil : partial.withUnsafeBytes { StreamEvent.of($0) }
            partial.removeAll(keepingCapacity: true)
            if let event { try take(event) }
        }
        partial.append(contentsOf: bytes[start...])
    }
}
