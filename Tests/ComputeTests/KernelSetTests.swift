import CKernels
import Compute
import ModelFiles
import TestSupport
import Testing

/// Every faster kernel returns the bits of the scalar one, which is the specification.
@Suite("Kernel sets")
struct KernelSetTests {
    /// weights · activations by one kernel set, one array for each activation.
    private func product(_ kernels: KernelSet, _ weights: RandomWeights, _ activations: [[Float]]) throws -> [[Float]] {
        let team = ThreadTeam(threads: 2)
        let inputs = FloatMatrix(rows: activations.count, columns: weights.columns)
        for (row, values) in activations.enumerated() { inputs.setRow(row, to: values) }
        let buffer = ActivationBuffer(maximumRows: inputs.rows, maximumColumns: inputs.columns)
        buffer.load(inputs, rows: 0..<inputs.rows, quantized: weights.type.blockSize > 1, team: team, kernels: kernels)
        let outputs = FloatMatrix(rows: inputs.rows, columns: weights.rows)
        try weights.matrix().multiply(buffer, into: outputs, team: team, kernels: kernels)
        return (0..<outputs.rows).map { outputs.row($0) }
    }

    private func bits(_ values: [Float]) -> [UInt32] {
        values.map(\.bitPattern)
    }

    private func bits(_ rows: [[Float]]) -> [[UInt32]] {
        rows.map { bits($0) }
    }

    @Test(
        "AVX2 products have the scalar bits, for every weight type and any number of activations",
        .enabled(if: KernelSet.avx2 != nil, "needs AVX2"),
        arguments: TensorType.allCases
    )
    func productsMatchScalar(type: TensorType) throws {
        let avx2 = try #require(KernelSet.avx2)
        let columns = type.blockSize == 1 ? 525 : 768
        let weights = RandomWeights(type, rows: 37, columns: columns, seed: 1)
        var random = RandomNumbers(seed: 2)
        let activations = (0..<9).map { _ in random.floats(columns) }
        for count in [1, 2, 3, 4, 5, 8, 9] {
            let chosen = Array(activations.prefix(count))
            let expected = try product(.scalar, weights, chosen)
            #expect(try bits(product(avx2, weights, chosen)) == bits(expected))
            #expect(expected.joined().allSatisfy { $0.isFinite })
        }
    }

    @Test("an output depends neither on the other activations nor on the other rows of its call", arguments: TensorType.allCases)
    func outputsStandAlone(type: TensorType) throws {
        let weights = RandomWeights(type, rows: 37, columns: 512, seed: 3)
        var random = RandomNumbers(seed: 4)
        let activations = (0..<6).map { _ in random.floats(512) }
        let together = try product(.best, weights, activations)
        for (index, activation) in activations.enumerated() {
            #expect(try bits(product(.best, weights, [activation])[0]) == bits(together[index]))
        }
        let firstRow = RandomWeights(type, rows: 1, columns: 512, bytes: Array(weights.bytes.prefix(weights.rowBytes)))
        #expect(try product(.best, firstRow, activations).map { $0[0].bitPattern } == together.map { $0[0].bitPattern })
    }

    @Test("products are those of the dequantized weights, within the rounding of the inputs", arguments: TensorType.allCases)
    func productsAreRight(type: TensorType) throws {
        let weights = RandomWeights(type, rows: 6, columns: 1024, seed: 5)
        var random = RandomNumbers(seed: 6)
        let x = random.floats(1024)
        let values = try weights.values()
        let found = try product(.best, weights, [x])[0]
        for row in 0..<6 {
            let terms = (0..<1024).map { Double(values[row * 1024 + $0]) * Double(x[$0]) }
            let norm = (0..<1024).map { Double(values[row * 1024 + $0]) * Double(values[row * 1024 + $0]) }.reduce(0, +).squareRoot()
            // A quantized input is off by at most half a step of 2/127, uniformly: its deviation is that over the root of three.
            let tolerance = type.blockSize == 1 ? 1e-4 * norm : 5 * norm * (2.0 / 127 / 2) / 3.0.squareRoot()
            #expect(abs(Double(found[row]) - terms.reduce(0, +)) < tolerance)
        }
    }

    @Test(
        "AVX2 quantizes activations to the scalar bits, blocks of zeros and of tiny values among them",
        .enabled(if: KernelSet.avx2 != nil, "needs AVX2")
    )
    func quantizationMatchesScalar() throws {
        let avx2 = try #require(KernelSet.avx2)
        var random = RandomNumbers(seed: 7)
        let values =
            random.floats(64) + [Float](repeating: 0, count: 32) + random.floats(32, in: -1e-35...1e-35)
            + random.floats(32, in: -1e30...1e30)
        func quantize(_ kernels: KernelSet) -> ([Int8], [UInt32], [UInt32]) {
            var quants = [Int8](repeating: 0, count: values.count)
            var scales = [Float](repeating: 0, count: values.count / 32)
            var sums = scales
            kernels.table.quantize_activations(values, Int64(values.count), &quants, &scales, &sums)
            return (quants, bits(scales), bits(sums))
        }
        let (expected, found) = (quantize(.scalar), quantize(avx2))
        #expect(found.0 == expected.0 && found.1 == expected.1 && found.2 == expected.2)
        #expect(expected.0.contains(127) || expected.0.contains(-127))
        #expect(expected.0[64..<128].allSatisfy { $0 == 0 })
    }

    @Test(
        "AVX2 vector kernels have the scalar bits at any length",
        .enabled(if: KernelSet.avx2 != nil, "needs AVX2"),
        arguments: [0, 1, 7, 8, 31, 32, 33, 64, 100, 576]
    )
    func vectorKernelsMatchScalar(count: Int) throws {
        let avx2 = try #require(KernelSet.avx2)
        var random = RandomNumbers(seed: UInt64(count))
        let (a, b) = (random.floats(count), random.floats(count))
        var halves = [UInt16](repeating: 0, count: count)
        KernelSet.scalar.table.convert_to_f16(a, &halves, Int64(count))
        func all(_ kernels: KernelSet) -> [UInt32] {
            var (y, z) = (b, b)
            kernels.table.add_scaled_f32(&y, a, 0.3, Int64(count))
            kernels.table.add_scaled_f16(&z, halves, 0.3, Int64(count))
            let dots = [kernels.table.dot_f32(a, b, Int64(count)), kernels.table.dot_f16(halves, b, Int64(count))]
            return bits(dots + y + z)
        }
        #expect(all(avx2) == all(.scalar))
    }

    @Test("half precision rounds as the hardware type does, for every half and the values between")
    func halvesRound() {
        var values: [Float] = []
        for pattern in UInt16(0)...UInt16.max where !Float16(bitPattern: pattern).isNaN {
            let value = Float(Float16(bitPattern: pattern))
            values += [value, value.nextUp, value.nextDown, value * 1.0003]
        }
        for kernels in [KernelSet.scalar, KernelSet.best] {
            var halves = [UInt16](repeating: 0, count: values.count)
            kernels.table.convert_to_f16(values, &halves, Int64(values.count))
            let wrong = zip(values, halves).filter { Float16($0).bitPattern != $1 }
            #expect(wrong.isEmpty, "\(kernels.name): \(wrong.prefix(3))")
        }
    }
}
