import Compute

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Rotary position embedding (arXiv:2104.09864).
struct RotaryEmbedding: Sendable {
    /// Which numbers of a head turn together.
    enum Layout: Sendable {
        /// Neighbours: the order in which GGUF stores Llama's query and key weights.
        case neighbours
        /// The first half's with the second half's, as GPT-NeoX has it.
        case halves
    }

    /// How many embeddings a model has at most: one for layers that see everything, and one for layers that see a window.
    static let slots = 2

    /// Radians per position of each pair.
    let frequencies: [Double]
    /// What cosines and sines are multiplied by.
    let magnitude: Double
    let layout: Layout
    /// Where a pass keeps the angles.
    let slot: Int

    /// - Parameters:
    ///   - layout: which numbers turn together.
    ///   - slot: where a pass keeps the angles.
    ///   - divisors: the name of a tensor that divides the frequencies one by one, if the file has it.
    init(
        _ rotary: RotaryConfiguration,
        _ layout: Layout,
        slot: Int = 0,
        divisors name: String? = nil,
        _ loader: inout TensorLoader
    ) throws(ModelError) {
        var divisors: [Float]?
        if let name, loader.has(name) { divisors = try loader.vector(name, count: rotary.dimensions / 2) }
        if let name, let bad = divisors?.first(where: { !($0 > 0) || !$0.isFinite }) {
            throw .badKey(name, found: "\(bad)", expected: "positive, finite factors")
        }
        frequencies = rotary.frequencies(divisors: divisors)
        magnitude = rotary.magnitude
        self.layout = layout
        self.slot = slot
    }

    /// Computes the cosines, then the sines, of the angles at each row's position, once for all layers.
    func prepare(_ pass: ForwardPass) {
        pass.team.split(pass.count, step: ForwardPass.rowsWorthSharing, Rows(rotary: self, pass: pass))
    }

    private struct Rows: TeamWork {
        let rotary: RotaryEmbedding
        let pass: ForwardPass

        func run(_ rows: Range<Int>) {
            for row in rows { rotary.prepare(pass.position(row: row), into: pass.angles[rotary.slot].pointer(row: row)) }
        }
    }

    private func prepare(_ position: Int, into angles: UnsafeMutablePointer<Float>) {
        for pair in 0..<frequencies.count {
            angles[pair] = Float(magnitude * cos(Double(position) * frequencies[pair]))
            angles[frequencies.count + pair] = Float(magnitude * sin(Double(position) * frequencies[pair]))
        }
    }

    /// Turns one head in place.
    func rotate(_ head: UnsafeMutablePointer<Float>, angles: UnsafePointer<Float>) {
        let (sines, count) = (angles + frequencies.count, frequencies.count)
        switch layout {
        case .neighbours: FloatKernels.rotatePairs(head, cosines: angles, sines: sines, count: count)
        case .halves: FloatKernels.rotateHalves(head, cosines: angles, sines: sines, count: count)
        }
    }
}
