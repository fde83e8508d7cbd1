import Compute
import Synchronization
import Transformer

/// Behind the output matrix: chooses every row's next token, on all threads, for each row is read several times over the whole vocabulary.
///
/// A row's choice does not depend on the others.
final class SamplingStage {
    private let runner: ModelRunner
    private let team: ThreadTeam
    /// One for each member of the team.
    private let workspaces: [SamplerWorkspace]
    private let nextRow = Atomic<Int>(0)

    init(runner: ModelRunner, team: ThreadTeam) {
        self.runner = runner
        self.team = team
        workspaces = (0..<team.count).map { _ in SamplerWorkspace() }
    }

    /// Sets the ``Sequence/choice`` of each row's sequence.
    func run(_ rows: [SteeredRow]) {
        nextRow.store(0, ordering: .relaxed)
        if rows.count > 1 {
            team.run(Choosing(stage: self, rows: rows))
        } else {
            choose(rows, workspaces[0])
        }
    }

    /// The log-probabilities of a token and of the best alternatives.
    ///
    /// - Parameters:
    ///   - token: the token to report.
    ///   - count: how many alternatives to report.
    ///   - logitsRow: the row of the runner's logits.
    /// - Returns: nil where a logit is not finite.
    func report(_ token: Int32, top count: Int, logitsRow: Int) -> TokenLogprobs? {
        runner.logits.withRow(logitsRow) { logits in
            guard let largest = FloatKernels.largest(logits) else { return nil }
            return LogSoftmax(logits, largest: largest.value, workspace: workspaces[0]).report(token, top: count, logits)
        }
    }

    private struct Choosing: TeamWork {
        let stage: SamplingStage
        let rows: [SteeredRow]

        func run(_ members: Range<Int>) {
            for member in members { stage.choose(rows, stage.workspaces[member]) }
        }
    }

    /// Takes the next row that nobody has until there is none.
    private func choose(_ rows: [SteeredRow], _ workspace: SamplerWorkspace) {
        while true {
            let place = nextRow.add(1, ordering: .relaxed).oldValue
            guard place < rows.count else { return }
            runner.logits.withMutableRow(rows[place].logitsRow) { rows[place].sequence.choose(&$0, workspace: workspace) }
        }
    }
}
