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
}
