import Learning
import Testing

@Suite("Targets of values")
struct ValueTargetTests {
    private let values: [Float] = [0.1, 0.4, -0.2]

    @Test("td takes the next state's value, and the reward at the end")
    func temporalDifference() {
        #expect(ValueTarget.temporalDifference.targets(values: values[...], reward: 1, lambda: 0.5) == [0.4, -0.2, 1])
    }

    @Test("monte-carlo takes the reward everywhere")
    func monteCarlo() {
        #expect(ValueTarget.monteCarlo.targets(values: values[...], reward: -1, lambda: 0.5) == [-1, -1, -1])
    }

    @Test("td-lambda mixes both, and is either at its ends")
    func lambda() {
        let target = ValueTarget.temporalDifferenceLambda
        let mixed = target.targets(values: values[...], reward: 1, lambda: 0.5)
        // G₂ = 1, G₁ = 0.5·(-0.2) + 0.5·1 = 0.4, G₀ = 0.5·0.4 + 0.5·0.4 = 0.4
        #expect(zip(mixed, [0.4, 0.4, 1] as [Float]).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(target.targets(values: values[...], reward: 1, lambda: 0) == [0.4, -0.2, 1])
        #expect(target.targets(values: values[...], reward: 1, lambda: 1) == [1, 1, 1])
    }

    @Test("a slice of a larger array is its own sequence")
    func slices() {
        let all: [Float] = [9, 9] + values
        #expect(ValueTarget.temporalDifference.targets(values: all[2...], reward: 1, lambda: 0) == [0.4, -0.2, 1])
        #expect(ValueTarget.monteCarlo.targets(values: all[5...], reward: 1, lambda: 0).isEmpty)
    }
}
