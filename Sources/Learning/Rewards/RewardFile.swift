import Synchronization

/// Appends lines to a file, many at a time, for a disk takes its time over each.
final class RewardFile: Sendable {
    private static let pieceBytes = 16 << 10
    private let state: Mutex<State>

    private struct State {
        let file: AppendedFile
        var pending: [UInt8] = []

        mutating func flush() throws {
            guard !pending.isEmpty else { return }
            try file.append(pending)
            pending.removeAll(keepingCapacity: true)
        }
    }

    init(path: String, keeping length: Int) throws {
        state = Mutex(State(file: try AppendedFile(path: path, keeping: length)))
    }

    func add(_ line: [UInt8]) throws {
        try state.withLock { state in
            state.pending += line
            if state.pending.count >= Self.pieceBytes { try state.flush() }
        }
    }

    func flush() throws {
        try state.withLock { try $0.flush() }
    }
}
