import CKernels
import Compute
import Foundation
import ModelFiles
import TestSupport
import Testing

/// Every faster kernel returns the bits of the scalar one, which is the specification.
@Suite("Kernel sets")
struct KernelSetTests {
    /// weights · activations by one kernel set, one array for each activation.
    private func product(_ kernels: KernelSet, _ weights: WeightMatrix, _ activations: [[Float]]) -> [[Float]] {
        let team = ThreadTeam(threads: 2)
        let inputs = FloatMatrix(rows: activations.count, columns: weights.columns)
        for (row, values) in activations.enumerated() { inputs.setRow(row, to: values) }
        let buffer = ActivationBuffer(maximumRows: inputs.rows, maximumColumns: inputs.columns)
        buffer.load(inputs, rows: 0..<inputs.rows, quantized: weights.isQuantized, team: team, kernels: kernels)
        let outputs = FloatMatrix(rows: inputs.rows, columns: weights.rows)
        weights.multiply(buffer, into: outputs, team: team, kernels: kernels)
        return (0..<outputs.rows).map { outputs.row($0) }
    }

    private func product(_ kernels: KernelSet, _ weights: RandomWeights, _ activations: [[Float]]) throws -> [[Float]] {
        product(kernels, try weights.matrix(), activations)
    }

    /// Packed for a processor that likes panels, whatever this one is.
    private func packed(_ weights: RandomWeights) throws -> WeightMatrix? {
        guard let kernels = KernelSet.available.first(where: { $0.table.prefers_panels != 0 }) else { return nil }
        return try weights.matrix().packed(into: PanelStore(), kernels: kernels)
    }

    private func bits(_ values: [Float]) -> [UInt32] {
        values.map(\.bitPattern)
    }

    private func bits(_ rows: [[Float]]) -> [[UInt32]] {
        rows.map { bits($0) }
    }

    @Test(
        "products have the scalar bits with every instruction set, packed and not, for any number of activations",
        arguments: TensorType.allCases
    )
    func productsMatchScalar(type: TensorType) throws {
        let columns = type.blockSize == 1 ? 525 : 1280
        let weights = RandomWeights(type, rows: 37, columns: columns, seed: 1)
        let panels = try packed(weights)
        var random = RandomNumbers(seed: 2)
        let activations = (0..<19).map { _ in random.floats(columns) }
        for count in [1, 2, 3, 4, 5, 6, 7, 8, 9, 19] {
            let chosen = Array(activations.prefix(count))
            let expected = try product(.scalar, weights, chosen)
            #expect(expected.joined().allSatisfy { $0.isFinite })
            for kernels in KernelSet.available {
                #expect(try bits(product(kernels, weights, chosen)) == bits(expected), "\(kernels.name), rows")
                if let panels { #expect(bits(product(kernels, panels, chosen)) == bits(expected), "\(kernels.name), panels") }
            }
        }
    }

    @Test("packed weights are the weights: each row decodes to the same values", arguments: TensorType.allCases)
    func packingLosesNothing(type: TensorType) throws {
        let weights = RandomWeights(type, rows: 37, columns: 768, seed: 8)
        guard let packed = try packed(weights) else { return }
        #expect(packed.isPacked == (type.blockSize > 1))
        let (row, expected) = (FloatMatrix(rows: 1, columns: 768), try weights.values())
        for index in 0..<37 {
            packed.dequantize(row: index, into: row.pointer(row: 0))
            #expect(bits(row.row(0)) == bits(Array(expected[768 * index..<768 * (index + 1)])))
        }
    }

    @Test("extreme weights and inputs do not overflow the narrow sums", arguments: TensorType.allCases.filter { $0.blockSize > 1 })
    func extremesMatchScalar(type: TensorType) throws {
        let random = RandomWeights(type, rows: 32, columns: 512, seed: 9)
        let weights = random.withExtremeQuants()
        let panels = try packed(weights)
        for sign: Float in [1, -1] {
            let activations = [[Float](repeating: sign * 3, count: 512), (0..<512).map { $0 % 2 == 0 ? sign : -sign }]
            let expected = try product(.scalar, weights, activations)
            for kernels in KernelSet.available {
                if let panels { #expect(bits(product(kernels, panels, activations)) == bits(expected), "\(kernels.name)") }
            }
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

    @Test("activations are quantized to the scalar bits, blocks of zeros and of tiny values among them")
    func quantizationMatchesScalar() throws {
        var random = RandomNumbers(seed: 7)
        let values =
            random.floats(64) + [Float](repeating: 0, count: 32) + random.floats(32, in: -1e-35...1e-35)
            + random.floats(32, in: -1e30...1e30)
        for lane in [0, 5] {
            func quantize(_ kernels: KernelSet) -> [rudder_activation_block] {
                var blocks = [rudder_activation_block](repeating: rudder_activation_block(), count: values.count / 32)
                kernels.table.quantize_activations(values, Int64(values.count), &blocks, Int64(lane))
                return blocks
            }
            func quants(_ block: rudder_activation_block) -> [Int8] {
                withUnsafeBytes(of: block.quants) { Array($0.bindMemory(to: Int8.self)[32 * lane..<32 * lane + 32]) }
            }
            func halfSums(_ block: rudder_activation_block) -> [Int32] {
                withUnsafeBytes(of: block.half_sums) { bytes in [0, 8].map { bytes.bindMemory(to: Int32.self)[$0 + lane] } }
            }
            let expected = quantize(.scalar)
            for kernels in KernelSet.available {
                for (found, expected) in zip(quantize(kernels), expected) {
                    #expect(withUnsafeBytes(of: found) { Array($0) } == withUnsafeBytes(of: expected) { Array($0) }, "\(kernels.name)")
                }
            }
            #expect(expected[0...1].allSatisfy { quants($0).contains(127) || quants($0).contains(-127) })
            #expect(expected[2...3].allSatisfy { quants($0).allSatisfy { $0 == 0 } })
            for block in expected {
                let sums = [quants(block).prefix(16), quants(block).suffix(16)].map { $0.reduce(Int32(0)) { $0 + Int32($1) } }
                #expect(halfSums(block) == sums)
            }
        }
    }

    @Test("vector kernels have the scalar bits at any length", arguments: [0, 1, 3, 7, 8, 15, 16, 17, 31, 32, 33, 64, 100, 576])
    func vectorKernelsMatchScalar(count: Int) throws {
        var random = RandomNumbers(seed: UInt64(count))
        let (a, b) = (random.floats(count), random.floats(count, in: -20...20))
        let pairs = random.floats(2 * count)
        func all(_ kernels: KernelSet) -> [UInt32] {
            var (added, exponentials, gate, scaled, rotated) = (b, b, b, b, pairs)
            let (table, size) = (kernels.table, Int64(count))
            table.add_scaled_f32(&added, a, 0.3, size)
            let sum = table.exponentials(b, 1.5, 0.8, size, &exponentials)
            table.silu_multiply(&gate, a, size)
            table.scale_by(a, 0.7, b, &scaled, size)
            table.rotate_pairs(&rotated, a, b, size)
            return bits([table.dot_f32(a, b, size), sum] + added + exponentials + gate + scaled + rotated)
        }
        for kernels in KernelSet.available { #expect(all(kernels) == all(.scalar), "\(kernels.name)") }
    }

    @Test("exponentials are right to two units in the last place, zero far below and bounded far above")
    func exponentialsAreRight() {
        let values = stride(from: Float(-86.9), through: 87.9, by: 0.0137).map { $0 } + [0, -0.0, 1e-10, -1e-10]
        for kernels in KernelSet.available {
            var found = values
            _ = kernels.table.exponentials(values, 0, 1, Int64(values.count), &found)
            for (value, result) in zip(values, found) {
                let expected = exp(Double(value))
                #expect(abs(Double(result) - expected) <= 2 * Double(Float(expected).ulp), "exp(\(value)), \(kernels.name)")
            }
            var edges: [Float] = [-87.5, -1000, -.infinity, 88, 1000, .infinity]
            _ = kernels.table.exponentials(edges, 0, 1, 6, &edges)
            #expect(edges[0...2] == [0, 0, 0] && edges[4] == edges[3] && edges[5] == edges[3] && edges[3].isFinite)
        }
    }

    @Test(
        "rows of numbers have the scalar bits, whatever their type and how many there are",
        arguments: [1, 15, 16, 31, 33, 64, 192, 200, 576]
    )
    func rowsMatchScalar(columns: Int) {
        var random = RandomNumbers(seed: UInt64(columns))
        for count in [0, 1, 3, 4, 5, 70] {
            let weights = random.floats(count * columns)
            let tables: [(TensorType, [UInt8])] = [
                (.f32, weights.flatMap { withUnsafeBytes(of: $0, Array.init) }),
                (.f16, weights.flatMap { withUnsafeBytes(of: Float16($0).bitPattern, Array.init) }),
                (.bf16, weights.flatMap { withUnsafeBytes(of: UInt16($0.bitPattern >> 16), Array.init) }),
            ]
            let (x, start) = (random.floats(columns), random.floats(columns))
            let c = random.floats(count).enumerated().map { $0.offset % 3 == 1 ? 0 : $0.element }
            for (type, bytes) in tables {
                func products(_ kernels: KernelSet) -> [UInt32] {
                    var (y, z) = ([Float](repeating: 0, count: count), start)
                    bytes.withUnsafeBytes { bytes in
                        let empty = UnsafeRawPointer(bitPattern: 64).unsafelyUnwrapped
                        let rows = FloatRows(bytes.baseAddress ?? empty, type: type, count: count, columns: columns)
                        rows.multiply(x, into: &y, kernels: kernels)
                        rows.addTransposed(c, to: &z, kernels: kernels)
                    }
                    return bits(y + z)
                }
                for kernels in KernelSet.available {
                    #expect(products(kernels) == products(.scalar), "\(type), \(count) rows, \(kernels.name)")
                }
            }
        }
    }

    @Test("a step in hidden space has the scalar bits and finds every unit that flips, and no other", arguments: [1, 15, 16, 17, 48, 576])
    func stepsMatchScalar(count: Int) {
        var random = RandomNumbers(seed: UInt64(count))
        let (start, direction, change) = (random.floats(count), random.floats(count), random.floats(count))
        for deviates in [false, true] {
            func walk(_ kernels: KernelSet) -> (numbers: [UInt32], flips: [[Int32]]) {
                var (moved, deviation, current) = ([Float](repeating: 0, count: count), start, start)
                var flips: [[Int32]] = []
                for _ in 0..<8 {
                    var flipped = [Int32](repeating: -1, count: count + 16)
                    let before = current.map { $0 > 0 }
                    let found = start.withUnsafeBufferPointer { start in
                        direction.withUnsafeBufferPointer { direction in
                            change.withUnsafeBufferPointer { change in
                                moved.withUnsafeMutableBufferPointer { moved in
                                    deviation.withUnsafeMutableBufferPointer { deviation in
                                        current.withUnsafeMutableBufferPointer { current in
                                            var units = rudder_units(
                                                start: start.baseAddress!,
                                                direction: direction.baseAddress!,
                                                change: deviates ? change.baseAddress : nil,
                                                moved: moved.baseAddress!,
                                                deviation: deviates ? deviation.baseAddress : nil,
                                                current: current.baseAddress!,
                                                count: Int64(count)
                                            )
                                            return Int(kernels.table.advance_units(&units, 0.3, &flipped))
                                        }
                                    }
                                }
                            }
                        }
                    }
                    flips.append(Array(flipped[..<found]))
                    #expect(flips.last == (0..<count).filter { before[$0] != (current[$0] > 0) }.map { Int32($0) }, "\(kernels.name)")
                }
                return (bits(moved + deviation + current), flips)
            }
            let expected = walk(.scalar)
            for kernels in KernelSet.available { #expect(walk(kernels) == expected, "\(kernels.name)") }
        }
    }

    @Test(
        "sums over a mix of logits have the scalar bits, and are those of the C library's exponential",
        arguments: [1, 7, 8, 9, 40, 1003]
    )
    func mixesMatchScalar(count: Int) {
        var random = RandomNumbers(seed: UInt64(count))
        let plain = random.floats(count, in: -20...20)
        let steered = zip(plain, random.floats(count, in: -3...3)).map { $0 + $1 }
        for scale: Float in [0, 0.37, 1] {
            func sums(_ kernels: KernelSet) -> [Double] {
                let sums = LogitMix.sums(plain, steered, scale: scale, count: count, kernels: kernels)
                return [sums.largest, sums.weights, sums.first, sums.second]
            }
            let mix = zip(plain, steered).map { scale == 1 ? $1 : scale == 0 ? $0 : $0 + scale * ($1 - $0) }
            let largest = Double(mix.max() ?? 0)
            var expected = [largest, 0, 0, 0]
            for (value, start) in zip(mix, plain) {
                let (weight, moved) = (exp(Double(value) - largest), Double(value) - Double(start))
                expected[1] += weight
                expected[2] += weight * moved
                expected[3] += weight * moved * moved
            }
            for kernels in KernelSet.available {
                let found = sums(kernels)
                #expect(found.map(\.bitPattern) == sums(.scalar).map(\.bitPattern), "\(scale), \(kernels.name)")
                for (one, other) in zip(found, expected) { #expect(abs(one - other) <= 1e-11 * max(1, expected[1], expected[3])) }
            }
        }
    }

    @Test(
        "the largest is found, the first of equals, and what is not finite is noticed anywhere",
        arguments: [1, 2, 7, 8, 9, 16, 17, 40, 100]
    )
    func largestIsFound(count: Int) {
        var random = RandomNumbers(seed: UInt64(count))
        for kernels in KernelSet.available {
            func find(_ values: [Float]) -> (isFinite: Bool, index: Int64) {
                var index: Int64 = -1
                let isFinite = kernels.table.find_largest(values, Int64(count), &index) != 0
                return (isFinite, index)
            }
            for place in 0..<count {
                var values = random.floats(count, in: -20...(-1))
                values[place] = -0.5
                #expect(find(values) == (true, Int64(place)), "\(kernels.name)")
                for after in stride(from: place, to: count, by: 3) { values[after] = -0.5 }
                #expect(find(values) == (true, Int64(place)), "\(kernels.name)")
                for bad in [Float.nan, .infinity, -.infinity] {
                    values[place] = bad
                    #expect(!find(values).isFinite, "\(bad) at \(place), \(kernels.name)")
                }
                #expect(find([Float](repeating: -.greatestFiniteMagnitude, count: count)) == (true, 0), "\(kernels.name)")
            }
        }
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
