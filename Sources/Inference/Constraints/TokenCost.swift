/// Counts tokens that are still needed, without overflow: a count that has reached ``none`` stays there.
enum TokenCost {
    /// More than any answer can have: there is no way.
    static let none = 1 << 40

    static func sum(_ counts: Int...) -> Int {
        counts.reduce(0) { min($0 + min($1, none), none) }
    }

    static func product(_ count: Int, _ cost: Int) -> Int {
        let (product, overflow) = count.multipliedReportingOverflow(by: cost)
        return overflow ? none : min(product, none)
    }
}
