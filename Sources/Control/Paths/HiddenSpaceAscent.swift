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
        memory.current.update(from: memory.start, count: count)
        guard settings.steps > 0 else { return }
        for unit in 0..<count { memory.initial[unit] = memory.start[unit] > 0 ? stack.slopes[unit] : 0 }
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
        while steps < settings.steps {
            if let target = settings.targetValue, value >= target { return }
            scale = shrink * scale + settings.stepSize
            if shrink != 1 { multiply(by: shrink) }
            FloatKernels.addScaled(memory.moved, memory.direction, scale: settings.stepSize, count: count)
            if hasFlipped { FloatKernels.addScaled(memory.deviation, memory.change, scale: settings.stepSize, count: count) }
            if let longest { clip(to: longest) }
            move()
            steps += 1
        }
    }

    /// z ← z₀ + Δ, and what follows where a sign changes. A number that is none counts as inactive.
    private mutating func move() {
        for first in stride(from: 0, to: count, by: 16) {
            let start = UnsafeRawPointer(memory.start + first).load(as: SIMD16<Float>.self)
            let moved = UnsafeRawPointer(memory.moved + first).load(as: SIMD16<Float>.self)
            let before = UnsafeRawPointer(memory.current + first).load(as: SIMD16<Float>.self)
            let after = start + moved
            UnsafeMutableRawPointer(memory.current + first).storeBytes(of: after, as: SIMD16<Float>.self)
            var flipped = setLanes((before .> 0) .^ (after .> 0))
            while flipped != 0 {
                let unit = first + flipped.trailingZeroBitCount
                flip(unit, isActive: memory.current[unit] > 0)
                flipped &= flipped - 1
            }
        }
    }

    /// A unit's sign changed: g and q change with it.
    private mutating func flip(_ unit: Int, isActive: Bool) {
        hasFlipped = true
        let slope = stack.slopes[unit]
        memory.change[unit] = (isActive ? slope : 0) - memory.initial[unit]
        let heads = stack.heads
        var row = 0
        while unit >= heads[row].offset + heads[row].units { row += 1 }
        for column in 0..<heads.count {
            FloatKernels.addScaled(
                memory.direction + heads[column].offset,
                stack.grams[row * heads.count + column] + (unit - heads[row].offset) * heads[column].units,
                scale: isActive ? slope : -slope,
                count: heads[column].units
            )
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

/// One bit for each lane, the first the lowest.
@inline(__always)
private func setLanes(_ mask: SIMDMask<SIMD16<Int32>>) -> UInt32 {
    let lanes = unsafeBitCast(mask, to: SIMD16<UInt32>.self) & laneBits
    let eight = lanes.lowHalf | lanes.highHalf
    let four = eight.lowHalf | eight.highHalf
    let two = four.lowHalf | four.highHalf
    return two.x | two.y
}

private let laneBits = SIMD16<UInt32>(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768)
