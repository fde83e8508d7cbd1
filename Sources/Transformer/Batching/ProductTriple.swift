import Compute

/// Three products of one input, shared out together: queries, keys and values. Its items are the panels of all three, one matrix after the other.
struct ProductTriple: TeamWork {
    let first: MatrixProduct
    let second: MatrixProduct
    let third: MatrixProduct

    /// How many items there are.
    var panels: Int {
        first.panels + second.panels + third.panels
    }

    func run(_ items: Range<Int>) {
        first.run(panels: items)
        second.run(panels: shifted(items, by: first.panels))
        third.run(panels: shifted(items, by: first.panels + second.panels))
    }

    private func shifted(_ items: Range<Int>, by panels: Int) -> Range<Int> {
        max(items.lowerBound - panels, 0)..<max(items.upperBound - panels, 0)
    }
}
