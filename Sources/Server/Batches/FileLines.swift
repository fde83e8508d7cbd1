import ModelFiles
import Synchronization

/// The lines of a stored file, one after the other: no more than one of them and a piece of the file is kept. Lines of white space only are passed
/// over. Every method blocks.
final class FileLines: Sendable {
    private struct State {
        var buffer: [UInt8] = []
        /// Where in the buffer the next line begins.
        var start = 0
        /// Up to where there is no line feed.
        var searched = 0
        /// Where in the file the buffer begins.
        var offset = 0
        var number = 0
        var hasEnded = false
        var isSkipping = false
    }

    private let file: FileDescriptor
    private let maximumLength: Int
    private let state = Mutex(State())

    private static let pieceBytes = 64 << 10

    /// - Parameter maximumLength: The most bytes of a line.
    init(_ path: String, maximumLength: Int) throws {
        file = try FileDescriptor(forReading: path)
        self.maximumLength = maximumLength
    }

    /// The next line that is not empty; nil after the last.
    ///
    /// - Parameter isCancelled: Whether to give up, asked now and then.
    /// - Throws: `CancellationError` where that was asked for.
    func next(unless isCancelled: () -> Bool = { false }) throws -> FileLine? {
        try state.withLock { state in
            while true {
                if isCancelled() { throw CancellationError() }
                if let end = state.buffer[state.searched...].firstIndex(of: 0x0A) {
                    let line = line(&state, upTo: end, isWhole: true)
                    if let line { return line }
                    continue
                }
                state.searched = state.buffer.count
                if state.hasEnded {
                    guard state.start < state.buffer.count || state.isSkipping else { return nil }
                    return line(&state, upTo: state.buffer.count, isWhole: false)
                }
                if state.searched - state.start > maximumLength { state.isSkipping = true }
                try fill(&state)
            }
        }
    }

    /// Takes a line out of the buffer; nil where there is nothing in it.
    private func line(_ state: inout State, upTo end: Int, isWhole: Bool) -> FileLine? {
        var bytes = state.buffer[state.start..<end]
        let isTooLong = state.isSkipping || bytes.count > maximumLength
        if bytes.last == 0x0D { bytes.removeLast() }
        state.number += 1
        state.start = isWhole ? end + 1 : end
        state.searched = state.start
        state.isSkipping = false
        guard isTooLong || !bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) else { return nil }
        return FileLine(
            number: state.number,
            bytes: isTooLong ? nil : Array(bytes),
            end: state.offset + state.start,
            isWhole: isWhole
        )
    }

    /// Reads on. Of a line that is too long nothing is kept.
    private func fill(_ state: inout State) throws {
        let used = state.isSkipping ? state.buffer.count : state.start
        state.buffer.removeSubrange(..<used)
        state.offset += used
        state.start = 0
        state.searched -= used
        let count = state.buffer.count
        state.buffer.append(contentsOf: repeatElement(0, count: Self.pieceBytes))
        let read = try state.buffer.withUnsafeMutableBytes {
            try file.readNext(into: UnsafeMutableRawBufferPointer(rebasing: $0[count...]))
        }
        state.buffer.removeLast(Self.pieceBytes - read)
        state.hasEnded = read == 0
    }
}
