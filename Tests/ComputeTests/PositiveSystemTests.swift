import Compute
import TestSupport
import Testing

@Suite("Positive definite systems")
struct PositiveSystemTests {
    @Test("the solution solves the equations")
    func solves() throws {
        let count = 40
        var numbers = RandomNumbers(seed: 7)
        let factor = (0..<count * count).map { _ in Double.random(in: -1...1, using: &numbers) }
        var matrix = [Double](repeating: 0, count: count * count)
        for row in 0..<count {
            for column in 0..<count {
                for k in 0..<count { matrix[row * count + column] += factor[row * count + k] * factor[column * count + k] }
            }
            matrix[row * (count + 1)] += 0.5
        }
        let wanted = (0..<count).map { Double($0 % 7) - 3 }
        let right = (0..<count).map { row in (0..<count).reduce(0) { $0 + matrix[row * count + $1] * wanted[$1] } }
        let found = try #require(PositiveSystem.solve(matrix, right))
        #expect(zip(found, wanted).allSatisfy { abs($0 - $1) < 1e-8 })
    }

    @Test("a matrix that is not positive definite, or not finite, has no solution; no equations have none to give")
    func refuses() {
        #expect(PositiveSystem.solve([1, 2, 2, 1], [1, 1]) == nil)
        #expect(PositiveSystem.solve([0, 0, 0, 0], [1, 1]) == nil)
        #expect(PositiveSystem.solve([.nan, 0, 0, 1], [1, 1]) == nil)
        #expect(PositiveSystem.solve([], []) == [])
    }
}
