import Compute

/// Sums up advantages and scores over answers, on all threads: in a fixed number of slices, so that results do not depend on the number of threads.
final class AdvantagePasses {
    /// How many answers go through at once.
    static let batch = 32
    private static let sliceCount = 4
    private let target: ValueTarget
    private let lambda: Float
    private let team: ThreadTeam
    private let slices: [Slice]

    /// One slice's memory and results.
    private final class Slice {
        let pass: NetworkPass
        let scores: TokenScores
        let directions: FloatMatrix
        let fisher: FloatMatrix
        var sequences: ArraySlice<TrainingSequence> = []
        var sums: AdvantageSums
        var failure: (any Error)?

        init(parameters: NetworkParameters, output: FloatMatrix, capacity: Int) {
            let width = output.columns
            pass = NetworkPass(parameters: parameters, capacity: capacity)
            scores = TokenScores(output: output)
            directions = FloatMatrix(rows: capacity, columns: width)
            fisher = FloatMatrix(rows: width, columns: width)
            sums = AdvantageSums(width: width)
        }
    }

    /// Makes room.
    ///
    /// - Parameters:
    ///   - parameters: V's, for states as they are stored.
    ///   - output: the model's output matrix.
    ///   - options: what values were fitted to.
    ///   - longest: the most states of an answer.
    ///   - team: who computes.
    init(parameters: NetworkParameters, output: FloatMatrix, options: TrainingOptions, longest: Int, team: ThreadTeam) {
        target = options.target
        lambda = options.lambda
        self.team = team
        let capacity = longest * Self.batch / Self.sliceCount
        slices = (0..<Self.sliceCount).map { _ in Slice(parameters: parameters, output: output, capacity: capacity) }
    }

    /// The sums over some answers, as many as a batch has at most.
    func sums(_ sequences: ArraySlice<TrainingSequence>) throws -> AdvantageSums {
        for (index, slice) in slices.enumerated() {
            let (first, count) = (sequences.startIndex, sequences.count)
            slice.sequences = sequences[first + count * index / slices.count..<first + count * (index + 1) / slices.count]
        }
        team.split(slices.count, Work(passes: self))
        if let failure = slices.lazy.compactMap(\.failure).first { throw failure }
        return slices.dropFirst().reduce(into: slices[0].sums) { $0.add($1.sums) }
    }

    private struct Work: TeamWork {
        let passes: AdvantagePasses

        func run(_ members: Range<Int>) {
            for member in members {
                let slice = passes.slices[member]
                slice.failure = nil
                do { try passes.run(slice) } catch { slice.failure = error }
            }
        }
    }

    private func run(_ slice: Slice) throws {
        slice.sums = AdvantageSums(width: slice.directions.columns)
        var (count, tokens) = (0, [(token: Int32, temperature: Float)]())
        for sequence in slice.sequences {
            try sequence.shard.copy(sequence.rows, to: slice.pass.input, at: count)
            count += sequence.rows.count
            tokens += sequence.tokens.map { ($0, sequence.temperature) }
        }
        guard count > 0 else { return }
        try slice.scores.compute(slice.pass.input, tokens: tokens, into: slice.directions)
        let values = slice.pass.forward(count: count)
        let slopes = slice.pass.slopes(along: slice.directions, count: count)
        var (advantages, start) = ([Float](), 0)
        for sequence in slice.sequences {
            let own = values[start..<start + sequence.rows.count]
            let targets = target.targets(values: own, reward: sequence.reward, lambda: lambda)
            advantages += zip(targets, own).map { $0 - $1 }
            start += sequence.rows.count
        }
        add(slice, count: count, advantages: advantages, slopes: slopes)
    }

    private func add(_ slice: Slice, count: Int, advantages: [Float], slopes: [Float]) {
        slice.fisher.forEachRow { _, row in row.update(repeating: 0) }
        DenseProducts.addProduct(transposed: slice.directions, slice.directions, rows: count, to: slice.fisher)
        slice.sums.fisher = slice.fisher.values.map(Double.init)
        slice.sums.count = Double(count)
        for row in 0..<count {
            let (advantage, slope) = (Double(advantages[row]), Double(slopes[row]))
            slice.sums.slopeAdvantage += slope * advantage
            slice.sums.slopeSquare += slope * slope
            slice.sums.advantageSquare += advantage * advantage
            slice.directions.withRow(row) { score in
                slice.pass.input.withRow(row) { state in
                    for column in 0..<score.count {
                        slice.sums.advantages[column] += advantage * Double(score[column])
                        slice.sums.slopes[column] += slope * Double(score[column])
                        slice.sums.states[column] += Double(state[column])
                    }
                }
            }
        }
    }
}
