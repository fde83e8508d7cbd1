import Compute
import Synchronization

/// Steers several rows of a step together, on a team of threads.
///
/// Rows that share heads read each part of their weights one after the other, while it is in the cache. A row's result has the same bits as
/// from ``Controller/steer(_:row:workspace:)``, whatever else is in the batch and however large the team is. Owned by one thread; nothing
/// is allocated from step to step once the batch has held as many rows, of controllers as large.
///
///     batch.removeAll()
///     for row in controlledRows { batch.append(controller(of: row), row: row) }
///     batch.steer(states)
///     // batch.outcomes[i] belongs to the i-th row that was appended
public final class ControlBatch {
    /// Work of fewer multiplications than this is not shared out: waking a team would take as long.
    static let leastSharedWork = 1 << 16

    /// What was done to each row, in the order in which they were appended.
    public private(set) var outcomes: [ControlOutcome] = []

    private struct Row {
        let controller: Controller
        let index: Int
    }

    private let team: ThreadTeam
    private var rows: [Row] = []
    /// One for each row, kept from step to step.
    private var rowWorkspaces: [ControlWorkspace] = []
    private let memberWorkspaces: [ControlWorkspace]
    private let nextRow = Atomic<Int>(0)

    /// Makes an empty batch.
    ///
    /// - Parameters:
    ///   - team: who computes; the caller of ``steer(_:)`` is member 0.
    ///   - maximumRows: for how many rows room is made at once; more may be appended.
    public init(team: ThreadTeam, maximumRows: Int) {
        self.team = team
        memberWorkspaces = (0..<team.count).map { _ in ControlWorkspace() }
        rows.reserveCapacity(max(maximumRows, 0))
        outcomes.reserveCapacity(max(maximumRows, 0))
        rowWorkspaces = (0..<max(maximumRows, 0)).map { _ in ControlWorkspace() }
    }

    /// Forgets all rows.
    public func removeAll() {
        rows.removeAll(keepingCapacity: true)
        outcomes.removeAll(keepingCapacity: true)
    }

    /// Adds a row, to be steered by a controller. No row may be added twice.
    public func append(_ controller: Controller, row: Int) {
        rows.append(Row(controller: controller, index: row))
        outcomes.append(.nothing)
        if rowWorkspaces.count < rows.count { rowWorkspaces.append(ControlWorkspace()) }
    }

    /// Moves the rows of `states` in place and fills ``outcomes``. Where one is not finite, its row must not be used.
    ///
    /// - Parameter states: hidden states, as wide as all controllers want them.
    public func steer(_ states: FloatMatrix) {
        for row in rows { precondition(states.columns == row.controller.hiddenSize, "states of another width") }
        let work = rows.reduce(0) { $0 + $1.controller.path.blockCount * $1.controller.path.blockWork }
        let sharers = work < Self.leastSharedWork ? 1 : team.count
        // Memory is taken before the threads start: they only use it.
        for (row, workspace) in zip(rows, rowWorkspaces) { _ = workspace.lend(row.controller.path.memorySize) }
        for workspace in memberWorkspaces { _ = workspace.lend(rows.count * paddedToCacheLine(states.columns)) }
        if work > 0 {
            if sharers == 1 {
                open(states, member: 0, of: 1)
                project(member: 0, of: 1)
            } else {
                team.run(Opening(batch: self, states: states))
                team.run(Projection(batch: self))
            }
        }
        finish(states)
    }

    private struct Opening: TeamWork {
        let batch: ControlBatch
        let states: FloatMatrix

        func run(_ members: Range<Int>) {
            for member in members { batch.open(states, member: member, of: batch.team.count) }
        }
    }

    private struct Projection: TeamWork {
        let batch: ControlBatch

        func run(_ members: Range<Int>) {
            for member in members { batch.project(member: member, of: batch.team.count) }
        }
    }

    private struct Finish: TeamWork {
        let batch: ControlBatch
        let states: FloatMatrix
        let outcomes: UnsafeMutablePointer<ControlOutcome>

        func run(_ members: Range<Int>) {
            for _ in members { batch.finishRows(states, outcomes: outcomes) }
        }
    }

    private func open(_ states: FloatMatrix, member: Int, of sharers: Int) {
        forEachBlock(member: member, of: sharers) { place, block in
            let (row, workspace) = (rows[place], rowWorkspaces[place])
            let path = row.controller.path
            path.open(
                block..<block + 1,
                state: states.pointer(row: row.index),
                settings: row.controller.settings,
                memory: workspace.lend(path.memorySize)
            )
        }
    }

    private func project(member: Int, of sharers: Int) {
        let width = paddedToCacheLine(rows.first?.controller.hiddenSize ?? 0)
        let gradients = memberWorkspaces[member].lend(rows.count * width)
        for place in rows.indices {
            let (row, workspace) = (rows[place], rowWorkspaces[place])
            let path = row.controller.path
            guard !share(of: path.blockCount, member: member, of: sharers).isEmpty else { continue }
            path.gatherGradient(
                settings: row.controller.settings,
                memory: workspace.lend(path.memorySize),
                into: gradients + place * width
            )
        }
        forEachBlock(member: member, of: sharers) { place, block in
            let (row, workspace) = (rows[place], rowWorkspaces[place])
            let path = row.controller.path
            path.project(
                block..<block + 1,
                settings: row.controller.settings,
                memory: workspace.lend(path.memorySize),
                gradient: gradients + place * width
            )
        }
    }

    /// Every member takes the next row that nobody has. One row is never shared out here: the team would meet so often that a core which is
    /// busy with something else would cost more than the others gain.
    private func finish(_ states: FloatMatrix) {
        nextRow.store(0, ordering: .relaxed)
        outcomes.withUnsafeMutableBufferPointer { outcomes in
            guard let outcomes = outcomes.baseAddress else { return }
            if rows.count > 1 {
                team.run(Finish(batch: self, states: states, outcomes: outcomes))
            } else {
                finishRows(states, outcomes: outcomes)
            }
        }
    }

    private func finishRows(_ states: FloatMatrix, outcomes: UnsafeMutablePointer<ControlOutcome>) {
        while true {
            let place = nextRow.add(1, ordering: .relaxed).oldValue
            guard place < rows.count else { return }
            let (row, workspace) = (rows[place], rowWorkspaces[place])
            let path = row.controller.path
            outcomes[place] = path.finish(
                state: states.pointer(row: row.index),
                settings: row.controller.settings,
                memory: workspace.lend(path.memorySize)
            )
        }
    }

    /// A member's blocks, the first of every row, then the second of every row and so on.
    private func forEachBlock(member: Int, of sharers: Int, _ body: (_ place: Int, _ block: Int) -> Void) {
        var round = 0
        var isDone = false
        while !isDone {
            isDone = true
            for place in rows.indices {
                let share = share(of: rows[place].controller.path.blockCount, member: member, of: sharers)
                guard round < share.count else { continue }
                body(place, share.lowerBound + round)
                isDone = false
            }
            round += 1
        }
    }

    private func share(of blocks: Int, member: Int, of sharers: Int) -> Range<Int> {
        blocks * member / sharers..<blocks * (member + 1) / sharers
    }
}
