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
        for _ in 0..<2000 { team.run(Work { for index in $0 { counts[index].increment() } }) }
        #expect(counts.map(\.value) == [Int](repeating: 2000, count: threads))
    }

    @Test("members that fell asleep wake for the next piece")
    func sleepersWake() {
        let team = ThreadTeam(threads: 3)
        let counter = Counter()
        for _ in 0..<20 {
            Thread.sleep(forTimeInterval: 0.005)
            team.run(Work { for _ in $0 { counter.increment() } })
        }
        #expect(counter.value == 60)
    }

    @Test("the caller waits for members that are slower than its spinning")
    func callerWaits() {
        let team = ThreadTeam(threads: 2)
        let counter = Counter()
        for _ in 0..<10 {
            let work = Work { members in
                for member in members {
                    if member == 1 { Thread.sleep(forTimeInterval: 0.005) }
                    counter.increment()
                }
            }
            team.run(work)
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
        let seen = Seen()
        let work = Work { range in
            #expect(range.lowerBound % step == 0)
            seen.add(range)
        }
        team.split(total, step: step, work)
        #expect(seen.items.sorted() == Array(0..<total))
    }

    @Test("a member that is kept from its core holds nobody up: the others take its pieces")
    func nobodyWaitsForTheAbsent() {
        let team = ThreadTeam(threads: 2)
        let seen = Seen()
        // One piece keeps its thread busy for as long as all the others take; they are many, so they must not be dealt out beforehand.
        let work = Work { range in
            if range.contains(0) { Thread.sleep(forTimeInterval: 0.2) }
            seen.add(range)
        }
        team.split(8, work)
        #expect(seen.items.last == 0)
        #expect(seen.items.sorted() == Array(0..<8))
    }

    @Test("a stopped team still runs everything on its caller")
    func stops() {
        let team = ThreadTeam(threads: 3)
        team.stop()
        let counter = Counter()
        team.run(Work { for _ in $0 { counter.increment() } })
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

/// A closure as work.
private struct Work: TeamWork {
    let body: (Range<Int>) -> Void

    init(_ body: @escaping (Range<Int>) -> Void) {
        self.body = body
    }

    func run(_ items: Range<Int>) {
        body(items)
    }
}

private final class Seen: Sendable {
    private let list = Mutex<[Int]>([])

    func add(_ range: Range<Int>) {
        list.withLock { $0 += Array(range) }
    }

    var items: [Int] {
        list.withLock { $0 }
    }
}
