import CKernels
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What the members of a team share: the current piece of work, and the conditions they sleep on.
///
/// `round` counts pieces; a member that sees it change runs the piece. A sleeper registers under the mutex before it looks at `round`
/// once more, and the caller looks for sleepers after it raised `round`, both in sequentially consistent order: no wake-up is lost.
final class ThreadTeamState: Sendable {
    private let round = Atomic<Int>(0)
    private let unfinished = Atomic<Int>(0)
    private let sleepers = Atomic<Int>(0)
    private let callerSleeps = Atomic<Bool>(false)
    private let stopping = Atomic<Bool>(false)
    /// Written by the caller before `round` rises, read by members after they saw it rise.
    private nonisolated(unsafe) var work: ((Int) -> Void)?
    private nonisolated(unsafe) let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private nonisolated(unsafe) let started = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private nonisolated(unsafe) let finished = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    /// Some tens of microseconds of pauses.
    private static let spins = 2000

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(started, nil)
        pthread_cond_init(finished, nil)
    }

    deinit {
        pthread_cond_destroy(started)
        pthread_cond_destroy(finished)
        pthread_mutex_destroy(mutex)
        started.deallocate()
        finished.deallocate()
        mutex.deallocate()
    }

    /// Gives a piece of work to `members` threads.
    func publish(_ work: @escaping (Int) -> Void, to members: Int) {
        self.work = work
        unfinished.store(members, ordering: .sequentiallyConsistent)
        round.add(1, ordering: .sequentiallyConsistent)
        if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
            pthread_mutex_lock(mutex)
            pthread_cond_broadcast(started)
            pthread_mutex_unlock(mutex)
        }
    }

    /// Waits until every member has run the published piece.
    func waitUntilFinished() {
        for _ in 0..<Self.spins {
            if unfinished.load(ordering: .acquiring) == 0 { return end() }
            rudder_pause()
        }
        pthread_mutex_lock(mutex)
        callerSleeps.store(true, ordering: .sequentiallyConsistent)
        while unfinished.load(ordering: .sequentiallyConsistent) > 0 { pthread_cond_wait(finished, mutex) }
        callerSleeps.store(false, ordering: .sequentiallyConsistent)
        pthread_mutex_unlock(mutex)
        end()
    }

    private func end() {
        work = nil
    }

    /// A member's life: wait for a piece, run it, say so.
    func serve(member: Int) {
        var seen = 0
        while true {
            waitForRound(after: seen)
            seen = round.load(ordering: .sequentiallyConsistent)
            if stopping.load(ordering: .acquiring) { return }
            work?(member)
            if unfinished.subtract(1, ordering: .sequentiallyConsistent).newValue == 0,
                callerSleeps.load(ordering: .sequentiallyConsistent)
            {
                pthread_mutex_lock(mutex)
                pthread_cond_signal(finished)
                pthread_mutex_unlock(mutex)
            }
        }
    }

    private func waitForRound(after seen: Int) {
        for _ in 0..<Self.spins {
            if round.load(ordering: .acquiring) != seen { return }
            rudder_pause()
        }
        pthread_mutex_lock(mutex)
        sleepers.add(1, ordering: .sequentiallyConsistent)
        while round.load(ordering: .sequentiallyConsistent) == seen { pthread_cond_wait(started, mutex) }
        sleepers.subtract(1, ordering: .sequentiallyConsistent)
        pthread_mutex_unlock(mutex)
    }

    /// Lets every member's life end.
    func stop() {
        stopping.store(true, ordering: .sequentiallyConsistent)
        pthread_mutex_lock(mutex)
        round.add(1, ordering: .sequentiallyConsistent)
        pthread_cond_broadcast(started)
        pthread_mutex_unlock(mutex)
    }
}
