import Compute

/// gelu(weight · input). Its items are the rows of the matrix.
struct ActivatedProduct: TeamWork {
    let product: MatrixProduct

    func run(_ rows: Range<Int>) {
        product.run(rows)
        for vector in 0..<product.count {
            guard let outputs = product.outputs(of: vector) else { return }
            FloatKernels.gelu(outputs + rows.lowerBound, count: rows.count)
        }
    }
}
