import Compute
import Foundation
import Inference
import Learning
import TestSupport
import Testing

@Suite("Fitting advantages")
struct AdvantageFitTests {
    /// Tokens whose advantage is some vector times their score, plus noise, and at which V's gradient is another vector; in five folds.
    private func folds(truth: [Double], gradient: [Double], noise: Double, each count: Int = 4000) -> [AdvantageSums] {
        var random = RandomSource(seed: 11)
        let width = truth.count
        return (0..<5).map { _ in
            var sums = AdvantageSums(width: width)
            for _ in 0..<count {
                let score = (0..<width).map { (random.uniform() * 2 - 1) / Double($0 + 1) }
                let slope = zip(gradient, score).reduce(0) { $0 + $1.0 * $1.1 }
                let advantage = zip(truth, score).reduce(0) { $0 + $1.0 * $1.1 } + noise * (random.uniform() * 2 - 1)
                sums.count += 1
                for row in 0..<width {
                    sums.advantages[row] += advantage * score[row]
                    sums.slopes[row] += slope * score[row]
                    for column in 0..<width { sums.fisher[row * width + column] += score[row] * score[column] }
                }
                sums.slopeAdvantage += slope * advantage
                sums.slopeSquare += slope * slope
                sums.advantageSquare += advantage * advantage
            }
            return sums
        }
    }

    private func cosine(_ a: [Double], _ b: [Double]) -> Double {
        let dot = { (x: [Double], y: [Double]) in zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
        return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    }

    @Test("the corrected gradient is what tokens are worth, where V's own points elsewhere")
    func corrects() throws {
        let (truth, gradient) = ([1.0, -0.5, 0.25, 0, 2, -1], [0.1, 0.2, 0.1, 0.3, 0, 0])
        let fit = try AdvantageFit(folds: folds(truth: truth, gradient: gradient, noise: 0.5))
        let corrected = zip(gradient, fit.correction).map { $0 + $1 }
        #expect(cosine(gradient, truth) < 0.2 && cosine(corrected, truth) > 0.97)
        #expect(fit.gain > 2 * fit.gainBefore && fit.gain > 0.3)
        #expect(fit.trials.count > 5 && fit.trials.contains { $0.ridge == fit.ridge })
    }

    @Test("a gradient that is right but too flat stays as it is, and the scale says how flat it was")
    func scales() throws {
        let truth = [1.0, -0.5, 0.25, 0, 2, -1]
        let gradient = truth.map { $0 / 8 }
        let fit = try AdvantageFit(folds: folds(truth: truth, gradient: gradient, noise: 1))
        #expect(abs(fit.scale - 8) < 0.5)
        let length = { (vector: [Double]) in vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        #expect(length(fit.correction) < 0.15 * length(gradient))
    }

    @Test("the more noise there is in little data, the stronger the penalty that is chosen")
    func penalty() throws {
        let (truth, gradient) = ([0.3, -0.2, 0.1, 0, 0.4, -0.1], [0.0, 0, 0, 0, 0, 0])
        let clean = try AdvantageFit(folds: folds(truth: truth, gradient: gradient, noise: 0.01))
        let noisy = try AdvantageFit(folds: folds(truth: truth, gradient: gradient, noise: 3, each: 20))
        #expect((clean.ridge ?? .infinity) < (noisy.ridge ?? .infinity))
        #expect(clean.gainBefore == 0 && clean.scale == 1)
    }

    @Test("where tokens tell nothing that V does not, there is no correction")
    func nothing() throws {
        // What is so for some prompts is the other way round for others.
        let gradient = [0.3, -0.2, 0.1, 0, 0.4, -0.1]
        let parts = try [2, -2, 1, -1, 0].enumerated().map { fold, part in
            let truth = zip(gradient, [1.0, 0, -1, 1, 0, 1]).map { $0 + part * $1 }
            return try #require(folds(truth: truth, gradient: gradient, noise: 0)[fold...].first)
        }
        let fit = try AdvantageFit(folds: parts)
        #expect(fit.ridge == nil && fit.correction.allSatisfy { $0 == 0 } && fit.trials.last?.ridge == nil)
    }

    @Test("what was summed up is read back bit by bit; of something else, of more than there is, or unsound, it is passed over")
    func checkpoint() throws {
        let directory = try TemporaryDirectory()
        let sums = folds(truth: [1, 2], gradient: [0, 1], noise: 0.5, each: 10)
        let checkpoint = AdvantageCheckpoint(path: directory.url.path + "/sums", identity: "one")
        try checkpoint.save(sums, done: 3)
        let found = try #require(checkpoint.restore(count: 5, width: 2, batches: 3))
        #expect(found.folds == sums && found.done == 3)
        #expect(checkpoint.restore(count: 5, width: 2, batches: 2) == nil)
        #expect(checkpoint.restore(count: 6, width: 2, batches: 3) == nil)
        #expect(checkpoint.restore(count: 5, width: 3, batches: 3) == nil)
        #expect(AdvantageCheckpoint(path: checkpoint.path, identity: "two").restore(count: 5, width: 2, batches: 3) == nil)
        var broken = sums
        broken[4].states[1] = .nan
        try checkpoint.save(broken, done: 3)
        #expect(checkpoint.restore(count: 5, width: 2, batches: 3) == nil)
        broken = sums
        broken[4].count = -1
        try checkpoint.save(broken, done: 3)
        #expect(checkpoint.restore(count: 5, width: 2, batches: 3) == nil)
    }

    @Test("sums of one fold, of no advantage, and of numbers that are not finite are errors")
    func bad() {
        let good = folds(truth: [1, 2], gradient: [0, 1], noise: 0, each: 10)
        #expect(throws: TrainingError.self) { try AdvantageFit(folds: Array(good.prefix(1))) }
        #expect(throws: TrainingError.self) { try AdvantageFit(folds: [AdvantageSums](repeating: AdvantageSums(width: 2), count: 5)) }
        var broken = good
        broken[1].fisher[0] = .nan
        #expect(throws: TrainingError.self) { try AdvantageFit(folds: broken) }
        broken = good
        broken[1].advantageSquare = .infinity
        #expect(throws: TrainingError.self) { try AdvantageFit(folds: broken) }
    }

    @Test("a score is the derivative of the token's log-probability by the state", arguments: [Float(1), 0.7])
    func scores(temperature: Float) throws {
        var random = RandomSource(seed: 5)
        let (vocabulary, width) = (9, 4)
        let output = FloatMatrix(rows: vocabulary, columns: width)
        for row in 0..<vocabulary { output.setRow(row, to: (0..<width).map { _ in Float(random.uniform() * 2 - 1) }) }
        // More states than go through at once.
        let count = 300
        let (states, scores) = (FloatMatrix(rows: count, columns: width), FloatMatrix(rows: count, columns: width))
        for row in 0..<count { states.setRow(row, to: (0..<width).map { _ in Float(random.uniform() * 4 - 2) }) }
        let tokens = (0..<count).map { (token: Int32($0 % vocabulary), temperature: temperature) }
        try TokenScores(output: output).compute(states, tokens: tokens, into: scores)
        func logProbability(_ state: [Double], _ token: Int) -> Double {
            let logits = (0..<vocabulary).map { row in
                zip(output.row(row), state).reduce(0) { $0 + Double($1.0) * $1.1 } / Double(temperature)
            }
            return logits[token] - log(logits.reduce(0) { $0 + exp($1) })
        }
        for row in [0, 7, 255, 256, 299] {
            let state = states.row(row).map(Double.init)
            for column in 0..<width {
                let (step, token) = (1e-5, Int(tokens[row].token))
                var (above, below) = (state, state)
                above[column] += step
                below[column] -= step
                let slope = (logProbability(above, token) - logProbability(below, token)) / (2 * step)
                #expect(abs(slope - Double(scores.row(row)[column])) < 1e-4)
            }
        }
        for token in [-1, Int32(vocabulary)] {
            #expect(throws: TrainingError.self) { try TokenScores(output: output).compute(states, tokens: [(token, 1)], into: scores) }
        }
        states.setRow(0, to: [.nan, 0, 0, 0])
        #expect(throws: TrainingError.self) { try TokenScores(output: output).compute(states, tokens: [(0, 1)], into: scores) }
    }
}
