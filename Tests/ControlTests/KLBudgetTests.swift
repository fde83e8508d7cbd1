import Compute
import Control
import Foundation
import Testing

@Suite("KL budget")
struct KLBudgetTests {
    private func softmax(_ logits: [Float]) -> [Double] {
        let largest = Double(logits.max() ?? 0)
        let weights = logits.map { exp(Double($0) - largest) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    private func plainDivergence(_ steered: [Float], _ plain: [Float]) -> Double {
        zip(softmax(steered), softmax(plain)).reduce(0) { $0 + ($1.0 > 0 ? $1.0 * log($1.0 / $1.1) : 0) }
    }

    private func apply(_ plain: [Float], _ steered: [Float], _ budget: Float) -> (scale: Float, divergence: Float, logits: [Float]) {
        let matrix = FloatMatrix(rows: 2, columns: plain.count)
        matrix.setRow(0, to: plain)
        matrix.setRow(1, to: steered)
        let result = matrix.withRow(0) { plain in matrix.withMutableRow(1) { KLBudget.apply(plain: plain, steered: &$0, budget: budget) } }
        return (result.scale, result.divergence, matrix.row(1))
    }

    @Test("the divergence is that of the plain sum", arguments: [1, 2, 3] as [UInt64])
    func divergence(seed: UInt64) {
        var random = RandomHead(seed: seed)
        let (plain, steered) = (random.floats(500, scale: 6), random.floats(500, scale: 6))
        let matrix = FloatMatrix(rows: 2, columns: 500)
        matrix.setRow(0, to: plain)
        matrix.setRow(1, to: steered)
        let found = matrix.withRow(0) { plain in matrix.withRow(1) { KLBudget.divergence(steered: $0, plain: plain) } }
        #expect(abs(Double(found) - plainDivergence(steered, plain)) < 1e-5)
    }

    @Test(
        "the scale is the largest that keeps the budget, and the logits are those of that scale",
        arguments: [0.001, 0.05, 0.5, 2] as [Float]
    )
    func largestScale(budget: Float) {
        for seed: UInt64 in 1...20 {
            var random = RandomHead(seed: seed)
            let plain = random.floats(400, scale: 5)
            let steered = zip(plain, random.floats(400, scale: 8)).map { $0 + $1 }
            let (scale, divergence, logits) = apply(plain, steered, budget)
            #expect(divergence <= budget)
            #expect(abs(plainDivergence(logits, plain) - Double(divergence)) < 1e-5)
            guard scale < 1 else { continue }
            let mixed = zip(plain, steered).map { $0 + scale * ($1 - $0) }
            #expect(zip(mixed, logits).allSatisfy { abs($0 - $1) < 1e-4 })
            let further = zip(plain, steered).map { $0 + scale * 1.001 * ($1 - $0) }
            #expect(plainDivergence(further, plain) > Double(budget) * 0.9999)
        }
    }

    @Test("logits within the budget stay bit for bit; a budget of zero gives the plain ones")
    func ends() {
        var random = RandomHead(seed: 4)
        let plain = random.floats(100, scale: 5)
        let steered = zip(plain, random.floats(100, scale: 0.01)).map { $0 + $1 }
        #expect(apply(plain, steered, 1).scale == 1)
        #expect(apply(plain, steered, 1).logits == steered)
        #expect(apply(plain, steered, 0).logits == plain)
        #expect(apply(plain, steered, 0).divergence == 0)
    }

    @Test("logits that are not finite are reported, not hidden")
    func notFinite() {
        #expect(!apply([1, 2, 3], [1, .nan, 3], 0.1).divergence.isFinite)
    }

    @Test("over a real vocabulary's size the divergence is exact, small ones too", arguments: [49152, 49153, 3, 1])
    func sizes(count: Int) {
        var random = RandomHead(seed: 5)
        let plain = random.floats(count, scale: 12)
        for scale in [8, 0.5, 0.01] as [Float] {
            let steered = zip(plain, random.floats(count, scale: scale)).map { $0 + $1 }
            let matrix = FloatMatrix(rows: 2, columns: count)
            matrix.setRow(0, to: plain)
            matrix.setRow(1, to: steered)
            let found = matrix.withRow(0) { plain in matrix.withRow(1) { KLBudget.divergence(steered: $0, plain: plain) } }
            let expected = plainDivergence(steered, plain)
            #expect(abs(Double(found) - expected) < 1e-6 * expected + 1e-11)
        }
    }

    @Test("logits far apart neither overflow nor vanish")
    func extremes() {
        let result = apply([1000, -1000, 0], [-1000, 1000, 0], 0.5)
        #expect(result.divergence <= 0.5 && result.divergence > 0.49 && result.scale > 0 && result.scale < 1)
        #expect(apply([5, 5, 5], [105, 105, 105], 0).divergence == 0)
        #expect(apply([-3e38, 0], [3e38, 0], 1).divergence.isFinite)
        let divergence = apply([0, 1e4], [1e4, 0], 1e9).divergence
        #expect(abs(divergence - 1e4) < 1)
    }

    @Test("a larger budget never gives a smaller scale")
    func monotone() {
        var random = RandomHead(seed: 6)
        let plain = random.floats(300, scale: 6)
        let steered = zip(plain, random.floats(300, scale: 10)).map { $0 + $1 }
        var last: Float = 0
        for step in -20...8 {
            let scale = apply(plain, steered, Float(sign: .plus, exponent: step, significand: 1)).scale
            #expect(scale >= last)
            last = scale
        }
        #expect(last == 1)
    }
}
