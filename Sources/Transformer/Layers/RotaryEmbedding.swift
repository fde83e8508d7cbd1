import Compute

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Rotary position embedding (arXiv:2104.09864) of neighbouring pairs, the order in which GGUF stores Llama's query and key weights.
struct RotaryEmbedding: Sendable {
    /// Radians per position of each pair.
    let frequencies: [Double]

    /// - Parameter factors: the name of a tensor that divides the frequencies one by one (Llama 3's scaling), if the file has it.
    init(_ configuration: ModelConfiguration, factors name: String, _ loader: inout TensorLoader) throws(ModelError) {
        let rotary = configuration.rotary
        let factors = loader.has(name) ? try loader.vector(name, count: rotary.dimensions / 2) : nil
        if let bad = factors?.first(where: { !($0 > 0) || !$0.isFinite }) {
            throw .badKey(name, found: "\(bad)", expected: "positive, finite factors")
        }
        frequencies = (0..<rotary.dimensions / 2).map { pair in
            let frequency = pow(rotary.base, -2 * Double(pair) / Double(rotary.dimensions))
            return frequency / rotary.linearFactor / Double(factors?[pair] ?? 1)
        }
    }

    /// Computes the cosines, then the sines, of the angles at each row's position, once for all layers.
    func prepare(_ pass: ForwardPass) {
        pass.team.split(pass.count, step: ForwardPass.rowsWorthSharing, Rows(rotary: self, pass: pass))
    }

    private struct Rows: TeamWork {
        let rotary: RotaryEmbedding
        let pass: ForwardPass

        func run(_ rows: Range<Int>) {
            for row in rows { rotary.prepare(pass.position(row: row), into: pass.angles.pointer(row: row)) }
        }
    }

    private func prepare(_ position: Int, into angles: UnsafeMutablePointer<Float>) {
        for pair in 0..<frequencies.count {
            angles[pair] = Float(cos(Double(position) * frequencies[pair]))
            angles[frequencies.count + pair] = Float(sin(Double(position) * frequencies[pair]))
        }
    }

    /// Turns one head in place.
    func rotate(_ head: UnsafeMutablePointer<Float>, angles: UnsafePointer<Float>) {
        FloatKernels.rotatePairs(head, cosines: angles, sines: angles + frequencies.count, count: frequencies.count)
    }
}
