import Compute
import Foundation
import Synchronization
import Testing

@Suite("Thread team")
struct ThreadTeamTests {
    @Test("every number is run exactly once, round after round", arguments: [1, 2, 3, 5])
    func everyMemberRuns(threads: Int) {
        let team = ThreadTeam(threads: threads)
        let counts = (0..<threads).map { _ in Counter() }
        for _ in 0..<2000 { team.run { counts[$0].increment() } }
        #expect(counts.map(\.value) == [Int](repeating: 2000, count: threads))
    }

    @Test("members that fell asleep wake for the next piece")
    func sleepersWake() {
        let team = ThreadTeam(threads: 3)
        let counter = Counter()
        for _ in 0..<20 {
            Thread.sleep(forTimeInterval: 0.005)
            team.run { _ in counter.increment() }
        }
        #expect(counter.value == 60)
    }

    @Test("the caller waits for members that are slower than its spinning")
    func callerWaits() {
        let team = ThreadTeam(threads: 2)
        let counter = Counter()
        for _ in 0..<10 {
            team.run { member in
                if member == 1 { Thread.sleep(forTimeInterval: 0.005) }
                counter.increment()
            }
            #expect(counter.value % 2 == 0)
        }
        #expect(counter.value == 20)
    }

    @Test(
        "a split covers every item once, in pieces that start at multiples of the step",
        arguments: [(0, 1), (1, 1), (7, 4), (100, 16), (16, 16), (33, 8)]
    )
    func splitCovers(total: Int, step: Int) {
        let team = ThreadTeam(threads: 3)
        let seen = Mutex<[Int]>([])
        team.split(total, step: step) { range in
            #expect(range.lowerBound % step == 0)
            seen.withLock { $0 += Array(range) }
        }
        #expect(seen.withLock { $0.sorted() } == Array(0..<total))
    }

    @Test("a member that is kept from its core holds nobody up: the others take its pieces")
    func nobodyWaitsForTheAbsent() {
        let team = ThreadTeam(threads: 2)
        let seen = Mutex<[Int]>([])
        // One piece keeps its thread busy for as long as all the others take; they are many, so they must not be dealt out beforehand.
        team.split(8) { range in
            if range.contains(0) { Thread.sleep(forTimeInterval: 0.2) }
            seen.withLock { $0 += Array(range) }
        }
        #expect(seen.withLock { $0.last } == 0)
        #expect(seen.withLock { $0.sorted() } == Array(0..<8))
    }

    @Test("a stopped team still runs everything on its caller")
    func stops() {
        let team = ThreadTeam(threads: 3)
        team.stop()
        let counter = Counter()
        team.run { _ in counter.increment() }
        #expect(counter.value == 3)
    }
}

private final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    func increment() {
        count.add(1, ordering: .relaxed)
    }

    var value: Int {
        count.load(ordering: .relaxed)
    }
}
