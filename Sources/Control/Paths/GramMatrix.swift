/// A Wᵢ Wⱼᵀ of two heads' first layers, row-major. A class, so that controllers share one.
final class GramMatrix: Sendable {
    let values: [Float]

    init(values: [Float]) {
        self.values = values
    }

    var byteCount: Int {
        values.count * MemoryLayout<Float>.stride
    }
}
