import CKernels

/// A matrix times some vectors, with everything checked and looked up: what members of a team compute pieces of. Its items are the matrix's rows.
///
/// Plain pointers: valid while the matrix, the inputs and the output are.
public struct MatrixProduct: TeamWork {
    private var weights: rudder_weights
    private var activations: rudder_activations
    private let output: UnsafeMutablePointer<Float>?
    private let stride: Int
    private let kernels: KernelSet

    init(
        weights: rudder_weights,
        activations: rudder_activations,
        output: UnsafeMutablePointer<Float>?,
        stride: Int,
        kernels: KernelSet
    ) {
        self.weights = weights
        self.activations = activations
        self.output = output
        self.stride = stride
        self.kernels = kernels
    }

    /// How many rows the matrix has.
    public var rows: Int {
        Int(weights.rows)
    }

    /// How many panels of ``WeightMatrix/panelRows`` rows that makes, the last perhaps not full.
    public var panels: Int {
        (rows + WeightMatrix.panelRows - 1) / WeightMatrix.panelRows
    }

    /// The outputs of one vector, from its first.
    public func outputs(of vector: Int) -> UnsafeMutablePointer<Float>? {
        precondition(vector >= 0 && vector < count, "a vector that was not loaded")
        return output.map { $0 + vector * stride }
    }

    /// How many vectors there are.
    public var count: Int {
        Int(activations.count)
    }

    /// Computes some rows for every vector.
    ///
    /// - Parameter rows: starts at a multiple of ``WeightMatrix/panelRows``, and ends at one or at the last row.
    public func run(_ rows: Range<Int>) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= self.rows, "rows outside the matrix")
        precondition(rows.lowerBound % WeightMatrix.panelRows == 0, "rows that start within a panel")
        precondition(rows.upperBound % WeightMatrix.panelRows == 0 || rows.upperBound == self.rows, "rows that end within a panel")
        guard let output, count > 0 else { return }
        withUnsafePointer(to: weights) { weights in
            withUnsafePointer(to: activations) { activations in
                kernels.table.multiply(weights, Int64(rows.lowerBound), Int64(rows.upperBound), activations, output, Int64(stride))
            }
        }
    }

    /// Computes some panels for every vector; those that the matrix does not have are left out.
    public func run(panels: Range<Int>) {
        let range = panels.clamped(to: 0..<self.panels)
        guard !range.isEmpty else { return }
        run(range.lowerBound * WeightMatrix.panelRows..<min(range.upperBound * WeightMatrix.panelRows, rows))
    }
}
