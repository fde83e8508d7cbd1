import CKernels
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What the members of a team share: the current work, cut into pieces that whoever is awake takes one by one, and the conditions they sleep on.
///
/// One word, the ticket, holds the number of the round, how many pieces it has, and which is next. A piece is taken by raising it, so a piece
/// is of the round that was meant, and its work stays in place until the caller has seen every piece finished. A member whose core is busy
/// with something else takes none, and nobody waits for it.
///
/// A sleeper registers under the mutex before it looks at the ticket once more, and the caller looks for sleepers after it set the ticket,
/// both in sequentially consistent order: no wake-up is lost.
final class ThreadTeamState: Sendable {
    /// Round in the upper 32 bits, then 16 bits for the number of pieces, then 16 for the next one.
    private let ticket = Atomic<UInt64>(0)
    private let unfinished = Atomic<Int>(0)
    private let sleepers = Atomic<Int>(0)
    private let callerSleeps = Atomic<Bool>(false)
    private let stopping = Atomic<Bool>(false)
    /// Written by the caller before it sets the ticket, read by whoever has taken a piece.
    private nonisolated(unsafe) var round: TeamRound?
    private nonisolated(unsafe) let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private nonisolated(unsafe) let started = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private nonisolated(unsafe) let finished = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    /// How long a thread looks for news before it sleeps: longer than the stretches of a token that one thread computes, for to wake a sleeper
    /// takes as long as some of a token's kernels.
    private static let spinTime = Duration.microseconds(80)
    /// How many pauses lie between two looks at the clock.
    private static let pausesPerLook = 64

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

    /// The most pieces that a round can have.
    static let maximumPieces = 0xffff

    /// Does a round's pieces, on the caller and whoever is awake, and returns when all are done.
    func run(_ round: TeamRound) {
        self.round = round
        unfinished.store(round.pieces, ordering: .sequentiallyConsistent)
        let number = (ticket.load(ordering: .relaxed) >> 32) &+ 1
        ticket.store(number << 32 | UInt64(round.pieces) << 16, ordering: .sequentiallyConsistent)
        if sleepers.load(ordering: .sequentiallyConsistent) > 0 { wakeAll() }
        takePieces()
        waitUntilFinished()
        self.round = nil
    }

    /// Sleepers that were woken need no second call, however long they take to get a core.
    private func wakeAll() {
        pthread_mutex_lock(mutex)
        sleepers.store(0, ordering: .sequentiallyConsistent)
        pthread_cond_broadcast(started)
        pthread_mutex_unlock(mutex)
    }

    private func takePieces() {
        while let piece = takePiece() {
            round?.run(piece)
            if unfinished.subtract(1, ordering: .sequentiallyConsistent).newValue == 0,
                callerSleeps.load(ordering: .sequentiallyConsistent)
            {
                pthread_mutex_lock(mutex)
                pthread_cond_signal(finished)
                pthread_mutex_unlock(mutex)
            }
        }
    }

    /// The next piece of the current round; nil where all are taken.
    private func takePiece() -> Int? {
        var current = ticket.load(ordering: .acquiring)
        while true {
            let (next, pieces) = (current & 0xffff, current >> 16 & 0xffff)
            guard next < pieces else { return nil }
            let (isTaken, seen) = ticket.compareExchange(expected: current, desired: current + 1, ordering: .sequentiallyConsistent)
            if isTaken { return Int(next) }
            current = seen
        }
    }

    private func waitUntilFinished() {
        if spin(until: { unfinished.load(ordering: .acquiring) == 0 }) { return }
        pthread_mutex_lock(mutex)
        callerSleeps.store(true, ordering: .sequentiallyConsistent)
        while unfinished.load(ordering: .sequentiallyConsistent) > 0 { pthread_cond_wait(finished, mutex) }
        callerSleeps.store(false, ordering: .sequentiallyConsistent)
        pthread_mutex_unlock(mutex)
    }

    /// Waits awake, but not for long.
    ///
    /// - Returns: whether it came true.
    @inline(__always)
    private func spin(until isTrue: () -> Bool) -> Bool {
        if isTrue() { return true }
        let end = ContinuousClock.now + Self.spinTime
        repeat {
            for _ in 0..<Self.pausesPerLook {
                if isTrue() { return true }
                rudder_pause()
            }
        } while ContinuousClock.now < end
        return false
    }

    /// A member's life: wait for a round, take pieces of it while there are any.
    func serve() {
        var seen: UInt64 = 0
        while !stopping.load(ordering: .acquiring) {
            seen = waitForRound(after: seen)
            takePieces()
        }
    }

    private func waitForRound(after seen: UInt64) -> UInt64 {
        if spin(until: { ticket.load(ordering: .acquiring) >> 32 != seen }) { return ticket.load(ordering: .acquiring) >> 32 }
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            sleepers.add(1, ordering: .sequentiallyConsistent)
            let round = ticket.load(ordering: .sequentiallyConsistent) >> 32
            if round != seen { return round }
            pthread_cond_wait(started, mutex)
        }
    }

    /// Lets every member's life end.
    func stop() {
        stopping.store(true, ordering: .sequentiallyConsistent)
        ticket.store(((ticket.load(ordering: .relaxed) >> 32) &+ 1) << 32, ordering: .sequentiallyConsistent)
        wakeAll()
    }
}
