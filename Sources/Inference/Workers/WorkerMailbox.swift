import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What reaches a worker's thread from others: new sequences, and a reason to look up.
final class WorkerMailbox: Sendable {
    /// A sequence that no engine has seen yet.
    struct Submission: Sendable {
        let request: GenerationRequest
        let queue: EventQueue
        /// When it came.
        let arrival: ContinuousClock.Instant
    }

    /// What a worker finds when it looks.
    struct Content: Sendable {
        var submissions: [Submission] = []
        /// Set once: end every sequence with this, and the thread.
        var isStopping = false
        /// End every sequence, and go on.
        var mustFailAll = false
        /// A test wants the next step to fail.
        var injectedFailure: String?
    }

    private nonisolated(unsafe) var content = Content()
    private nonisolated(unsafe) var isSignalled = false
    private nonisolated(unsafe) let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private nonisolated(unsafe) let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        #if os(Linux)
        // A sleep does not depend on what time of day it is, which an operator or the network may change.
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, Self.clock)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
        #else
        pthread_cond_init(condition, nil)
        #endif
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    #if os(Linux)
    private static let clock = CLOCK_MONOTONIC
    #else
    private static let clock = CLOCK_REALTIME
    #endif

    /// Changes the content and wakes the worker.
    func post(_ change: (inout Content) -> Void) {
        pthread_mutex_lock(mutex)
        change(&content)
        isSignalled = true
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    /// How many sequences the worker has not taken yet.
    var submissionCount: Int {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return content.submissions.count
    }

    /// Wakes the worker.
    func signal() {
        post { _ in }
    }

    /// Takes what is there. With nothing to do, sleeps until something is posted; `milliseconds` bounds the sleep.
    func take(waiting isWaiting: Bool, atMost milliseconds: Int? = nil) -> Content {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if isWaiting {
            if let milliseconds {
                var deadline = timespec()
                clock_gettime(Self.clock, &deadline)
                let nanoseconds = deadline.tv_nsec + milliseconds % 1000 * 1_000_000
                deadline.tv_sec += milliseconds / 1000 + nanoseconds / 1_000_000_000
                deadline.tv_nsec = nanoseconds % 1_000_000_000
                if !isSignalled { pthread_cond_timedwait(condition, mutex, &deadline) }
            } else {
                while !isSignalled { pthread_cond_wait(condition, mutex) }
            }
        }
        isSignalled = false
        defer {
            content.submissions = []
            content.mustFailAll = false
            content.injectedFailure = nil
        }
        return content
    }
}
