import CKernels
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Threads that run one piece of work together: the caller is member 0, the others are threads of the team's own.
///
/// A team starts once. Between pieces its threads spin for some tens of microseconds, so that the next kernel of a token
/// finds them awake, and then sleep on a condition. `run` must not be called from two threads at once.
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
        for member in 1..<max(wanted, 1) {
            let start = ThreadTeamStart(state: shared, member: member)
            guard let thread = startThread(start) else { break }
            threads.append(thread)
        }
        self.shared = shared
        count = threads.count + 1
    }

    deinit {
        stop()
    }

    /// Runs `body` once for every member, together, and returns when all have finished.
    public func run(_ body: (_ member: Int) -> Void) {
        guard count > 1 else { return body(0) }
        withoutActuallyEscaping(body) { work in
            shared.publish(work, to: count - 1)
            work(0)
            shared.waitUntilFinished()
        }
    }

    /// Splits `0 ..< total` into one range a member, each starting at a multiple of `step`, and runs `body` on them together.
    ///
    /// - Parameters:
    ///   - total: how many items there are.
    ///   - step: the smallest piece worth giving away, 1 or more.
    ///   - body: called with a member's range where that is not empty.
    public func split(_ total: Int, step: Int = 1, _ body: (_ range: Range<Int>) -> Void) {
        let steps = (total + step - 1) / step
        let members = min(count, steps)
        guard members > 1 else { return total > 0 ? body(0..<total) : () }
        run { member in
            guard member < members else { return }
            let first = steps * member / members * step
            let last = min(steps * (member + 1) / members * step, total)
            if first < last { body(first..<last) }
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
private func startThread(_ start: ThreadTeamStart) -> pthread_t? {
    let context = Unmanaged.passRetained(start)
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
    let start = Unmanaged<ThreadTeamStart>.fromOpaque(context).takeRetainedValue()
    start.state.serve(member: start.member)
    return nil
}
#else
private func threadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    let start = Unmanaged<ThreadTeamStart>.fromOpaque(context).takeRetainedValue()
    start.state.serve(member: start.member)
    return nil
}
#endif

/// What a new thread is handed: whom it works for, and as which member.
private final class ThreadTeamStart {
    let state: ThreadTeamState
    let member: Int

    init(state: ThreadTeamState, member: Int) {
        self.state = state
        self.member = member
    }
}
