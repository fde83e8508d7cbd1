import CKernels
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Threads that share work: the caller and threads of the team's own, which take its pieces one by one.
///
/// A team starts once. Between rounds its threads spin for some tens of microseconds, so that the next kernel of a token finds them awake, and
/// then sleep on a condition. Whoever has a core works: a thread that the system keeps waiting holds nobody up, for its pieces are taken by
/// the others. Rounds must not be begun from two threads at once, nor from within a piece.
public final class ThreadTeam {
    /// The number of members, the caller among them.
    public let count: Int
    private let shared: ThreadTeamState
    private var threads: [pthread_t] = []

    /// Starts a team.
    ///
    /// - Parameter threads: how many members it shall have; fewer than one counts as one. Where the system refuses a thread, the team is smaller.
    public init(threads wanted: Int) {
        let shared = ThreadTeamState()
        for _ in 1..<max(min(wanted, ThreadTeamState.maximumPieces), 1) {
            guard let thread = startThread(shared) else { break }
            threads.append(thread)
        }
        self.shared = shared
        count = threads.count + 1
    }

    deinit {
        stop()
    }

    /// Does every item below ``count`` by itself, side by side where the threads are awake, and returns when all are done. No two calls have the
    /// same number at once, so it can name memory of their own.
    public func run(_ work: some TeamWork) {
        share(work, total: count, step: 1, pieces: count)
    }

    /// Does the items `0 ..< total` in ranges that each start at a multiple of `step`, some for each member, and returns when all are done.
    ///
    /// - Parameters:
    ///   - total: how many items there are.
    ///   - step: the smallest piece worth giving away, 1 or more.
    ///   - work: called with each range; none is empty.
    public func split(_ total: Int, step: Int = 1, _ work: some TeamWork) {
        let steps = (total + step - 1) / step
        guard count > 1, steps > 1 else { return total > 0 ? work.run(0..<total) : () }
        // A few pieces for each member: enough that one who comes late leaves little undone, too few to matter as such.
        share(work, total: total, step: step, pieces: min(steps, 4 * count, ThreadTeamState.maximumPieces))
    }

    private func share<Work: TeamWork>(_ work: Work, total: Int, step: Int, pieces: Int) {
        withUnsafePointer(to: work) { pointer in
            let round = TeamRound(kind: Work.self, work: UnsafeRawPointer(pointer), total: total, step: step, pieces: pieces)
            guard count > 1, pieces > 1 else {
                for piece in 0..<pieces { round.run(piece) }
                return
            }
            shared.run(round)
        }
    }

    /// Ends the threads. The team is of no further use but as a team of its caller alone.
    public func stop() {
        shared.stop()
        for thread in threads { pthread_join(thread, nil) }
        threads = []
    }
}

/// Starts a member's thread; nil where the system refuses one.
private func startThread(_ state: ThreadTeamState) -> pthread_t? {
    let context = Unmanaged.passRetained(state)
    #if canImport(Darwin)
    var thread: pthread_t?
    #else
    var thread = pthread_t()
    #endif
    let status = pthread_create(&thread, nil, threadMain, context.toOpaque())
    guard status == 0 else {
        context.release()
        return nil
    }
    return thread
}

#if canImport(Darwin)
private func threadMain(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<ThreadTeamState>.fromOpaque(context).takeRetainedValue().serve()
    return nil
}
#else
private func threadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    Unmanaged<ThreadTeamState>.fromOpaque(context).takeRetainedValue().serve()
    return nil
}
#endif
