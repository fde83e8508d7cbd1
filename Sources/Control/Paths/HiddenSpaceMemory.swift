/// What the ascent of one row keeps in its scratch memory. Vectors over units are padded with zeros to whole cache lines.
struct HiddenSpaceMemory {
    /// z₀ = W h + b
    let start: UnsafeMutablePointer<Float>
    /// z, a step ago
    let current: UnsafeMutablePointer<Float>
    /// Δ = z - z₀
    let moved: UnsafeMutablePointer<Float>
    /// q = W ∇V
    let direction: UnsafeMutablePointer<Float>
    /// g₀: the gradient with respect to z at the start, which `open` fills in
    let initial: UnsafeMutablePointer<Float>
    /// g - g₀: 0 but for units whose sign has changed
    let change: UnsafeMutablePointer<Float>
    /// e: what u's coefficients differ by from κ g₀
    let deviation: UnsafeMutablePointer<Float>
    /// How much each unit whose sign has just changed adds to q
    let weights: UnsafeMutablePointer<Float>
    /// Anything; 16 numbers longer than the others
    let scratch: UnsafeMutablePointer<Float>
    /// u, as wide as a state
    let signal: UnsafeMutablePointer<Float>
    /// One partial sum of ∇V = Wᵀ g₀ for each block, each as wide as a state
    let partialGradients: UnsafeMutablePointer<Float>

    init(_ memory: UnsafeMutablePointer<Float>, units: Int, hiddenSize: Int) {
        let (units, width) = (paddedToCacheLine(units), paddedToCacheLine(hiddenSize))
        start = memory
        current = start + units
        moved = current + units
        direction = moved + units
        initial = direction + units
        change = initial + units
        deviation = change + units
        weights = deviation + units
        scratch = weights + units
        signal = scratch + units + 16
        partialGradients = signal + width
    }

    static func size(units: Int, hiddenSize: Int, blocks: Int) -> Int {
        9 * paddedToCacheLine(units) + 16 + (blocks + 1) * paddedToCacheLine(hiddenSize)
    }
}
