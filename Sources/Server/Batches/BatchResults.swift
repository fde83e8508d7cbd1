import ModelFiles
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The results of a batch that runs, a file of lines for each kind. They are all there is to say what is done: what a killed process wrote of a last
/// line is cut off, and the line is answered again. Every method blocks.
final class BatchResults: Sendable {
    private struct State {
        var counts: [BatchResultKind: Int] = [:]
        var isSynced = true
        /// Whole lines that are no results, and their bytes.
        var damaged = 0
        var damagedBytes = 0
    }

    /// The lines of the input that had a result when the files were opened.
    let done: Set<Int>
    private let files: [BatchResultKind: FileDescriptor]
    private let state: Mutex<State>

    /// Opens the files, made where they are missing.
    ///
    /// - Parameters:
    ///   - folders: The folder of each kind.
    ///   - key: What the batch's id has of its own.
    init(_ folders: [BatchResultKind: String], key: String) throws {
        var (done, files, state) = (Set<Int>(), [BatchResultKind: FileDescriptor](), State())
        for (kind, folder) in folders {
            try DurableFiles.makeFolder(folder)
            let path = "\(folder)/content"
            var (end, damaged) = (0, 0)
            if try DurableFiles.exists(path) {
                let lines = try FileLines(path, maximumLength: .max)
                while let line = try lines.next(), line.isWhole {
                    end = line.end
                    // A line that the disk has lost is answered again; those behind it are kept.
                    guard let bytes = line.bytes, let number = BatchResult.line(of: bytes, key: key) else {
                        damaged += 1
                        continue
                    }
                    done.insert(number)
                    state.counts[kind, default: 0] += 1
                }
            }
            if damaged > 0 {
                let kept = try Self.dropDamaged(path, key: key)
                state.damaged += damaged
                state.damagedBytes += end - kept
                end = kept
            }
            let file = try FileDescriptor(path, flags: O_RDWR | O_CREAT | O_APPEND, operation: "open")
            if try file.status().st_size > end {
                guard ftruncate(file.number, off_t(end)) == 0 else { throw ModelFileError.lastSystemError(path, "shorten") }
            }
            try file.sync()
            try DurableFiles.syncFolder(folder)
            files[kind] = file
        }
        self.done = done
        self.files = files
        self.state = Mutex(state)
    }

    /// Leaves only the whole lines that are results.
    ///
    /// - Returns: how many bytes they are.
    private static func dropDamaged(_ path: String, key: String) throws -> Int {
        let lines = try FileLines(path, maximumLength: .max)
        var size = 0
        try DurableFiles.replace(path) { file in
            while let line = try lines.next(), line.isWhole {
                guard let bytes = line.bytes, BatchResult.line(of: bytes, key: key) != nil else { continue }
                try file.append(bytes + [0x0A])
                size += bytes.count + 1
            }
        }
        return size
    }

    /// How many results of a kind there are.
    func count(_ kind: BatchResultKind) -> Int {
        state.withLock { $0.counts[kind] ?? 0 }
    }

    /// How many whole lines there were that are no results of the batch: the disk has lost what they were.
    var damaged: Int {
        state.withLock { $0.damaged }
    }

    /// How many bytes those lines had, which are gone from the files.
    var damagedBytes: Int {
        state.withLock { $0.damagedBytes }
    }

    /// Writes a result. It outlives the process from then on, the machine's power from the next ``sync()`` on.
    func append(_ result: [UInt8], to kind: BatchResultKind) throws {
        try files[kind]?.append(result)
        state.withLock { state in
            state.counts[kind, default: 0] += 1
            state.isSynced = false
        }
    }

    /// Waits until the disk has all results.
    ///
    /// - Returns: how many of each kind it has; nil where there are none since the last time.
    func sync() throws -> [BatchResultKind: Int]? {
        let counts = state.withLock { state in
            defer { state.isSynced = true }
            return state.isSynced ? nil : state.counts
        }
        guard counts != nil else { return nil }
        do {
            for file in files.values { try file.sync() }
        } catch {
            state.withLock { $0.isSynced = false }
            throw error
        }
        return counts
    }
}
