import Compute

/// The steps themselves, in hidden space: O(units) each, and a row of the Gram matrix for each unit whose sign changes.
struct HiddenSpaceAscent {
    /// κ: u = κ Wᵀ g₀ + Wᵀ e
    private(set) var scale: Float = 0
    /// How many steps were taken.
    private(set) var steps = 0

    private let stack: HiddenSpaceStack
    private let constant: Float
    private let memory: HiddenSpaceMemory
    private let settings: ControlSettings
    /// The longest |u| that the trust region allows.
    private let longest: Float?
    private let count: Int
    private var vectors: UnitVectors
    /// Whether any unit's sign has changed: until then e = 0.
    private var hasFlipped = false

    /// Stands at the start: z = z₀, u = 0.
    init(stack: HiddenSpaceStack, constant: Float, memory: HiddenSpaceMemory, settings: ControlSettings, stateNorm: Float) {
        self.stack = stack
        self.constant = constant
        self.memory = memory
        self.settings = settings
        longest = settings.maxNorm.map { $0 * stateNorm }
        count = paddedToCacheLine(stack.units)
        vectors = UnitVectors(
            start: memory.start,
            direction: memory.direction,
            moved: memory.moved,
            current: memory.current,
            change: memory.change,
            deviation: memory.deviation,
            count: count
        )
        memory.current.update(from: memory.start, count: count)
        guard settings.steps > 0 else { return }
        memory.moved.update(repeating: 0, count: count)
        memory.change.update(repeating: 0, count: count)
        memory.deviation.update(repeating: 0, count: count)
    }

    /// V at the present z: w3 · relu(z) + b3. A number that is none stays none.
    var value: Float {
        for unit in 0..<count { memory.scratch[unit] = memory.current[unit] <= 0 ? 0 : memory.current[unit] }
        return FloatKernels.dot(stack.slopes, memory.scratch, count: count) + constant
    }

    /// Takes steps until there are enough of them or the target is reached.
    mutating func run() {
        let shrink = 1 - 2 * settings.stepSize * settings.regularization
        prefetchRows()
        while steps < settings.steps {
            if let target = settings.targetValue, value >= target { return }
            scale = shrink * scale + settings.stepSize
            if shrink != 1 { multiply(by: shrink) }
            if let longest {
                FloatKernels.addScaled(memory.moved, memory.direction, scale: settings.stepSize, count: count)
                if hasFlipped { FloatKernels.addScaled(memory.deviation, memory.change, scale: settings.stepSize, count: count) }
                clip(to: longest)
                move(by: 0)
            } else {
                move(by: settings.stepSize)
            }
            steps += 1
        }
    }

    /// Δ ← Δ + step · q, z ← z₀ + Δ, and what follows where a sign changes. A number that is none counts as inactive.
    private mutating func move(by step: Float) {
        memory.scratch.withMemoryRebound(to: Int32.self, capacity: count + 16) { flipped in
            let flips = vectors.advance(step: step, deviates: hasFlipped && step != 0, flipped: flipped)
            if flips > 0 { flip(flipped, count: flips) }
        }
    }

    /// Units' signs changed: g and q change with them.
    private mutating func flip(_ units: UnsafeMutablePointer<Int32>, count flips: Int) {
        hasFlipped = true
        for index in 0..<flips {
            let unit = Int(units[index])
            let (isActive, slope) = (memory.current[unit] > 0, stack.slopes[unit])
            memory.change[unit] = (isActive ? slope : 0) - memory.initial[unit]
            memory.weights[index] = isActive ? slope : -slope
        }
        let heads = stack.heads
        var first = 0
        for head in 0..<heads.count {
            let end = heads[head].offset + heads[head].units
            var last = first
            while last < flips, units[last] < end {
                units[last] -= Int32(truncatingIfNeeded: heads[head].offset)
                last += 1
            }
            guard last > first else { continue }
            for other in 0..<heads.count {
                stack.grams[head * heads.count + other]
                    .add(units + first, memory.weights + first, count: last - first, to: memory.direction + heads[other].offset)
            }
            first = last
        }
    }

    /// The most memory that is fetched ahead: what an inner cache holds besides all else.
    private static let mostFetched = 512 << 10

    /// Asks for the Gram rows of the units whose signs will have changed at the end if no other's does: nearly all that will be wanted. They
    /// would come from main memory one by one.
    private func prefetchRows() {
        let (reach, heads) = (settings.stepSize * Float(settings.steps), stack.heads)
        var (head, fetched) = (0, 0)
        for unit in 0..<stack.units {
            while unit >= heads[head].offset + heads[head].units { head += 1 }
            guard (memory.start[unit] > 0) != (memory.start[unit] + reach * memory.direction[unit] > 0) else { continue }
            for other in 0..<heads.count {
                let gram = stack.grams[head * heads.count + other]
                gram.prefetch(row: unit - heads[head].offset)
                fetched += gram.rowBytes
            }
            if fetched > Self.mostFetched { return }
        }
    }

    /// Scales u back to a length; |u|² = c · Δ = κ g₀ · Δ + e · Δ.
    private mutating func clip(to longest: Float) {
        var square = scale * FloatKernels.dot(memory.initial, memory.moved, count: count)
        if hasFlipped { square += FloatKernels.dot(memory.deviation, memory.moved, count: count) }
        let length = max(square, 0).squareRoot()
        guard length > longest else { return }
        scale *= longest / length
        multiply(by: longest / length)
    }

    /// Scales Δ and e.
    private func multiply(by factor: Float) {
        for unit in 0..<count { memory.moved[unit] *= factor }
        guard hasFlipped else { return }
        for unit in 0..<count { memory.deviation[unit] *= factor }
    }
}
