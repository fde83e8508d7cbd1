import Inference

extension RandomSource {
    /// 0 to below `bound`.
    mutating func index(below bound: Int) -> Int {
        min(Int(uniform() * Double(bound)), bound - 1)
    }

    /// Puts elements in another order, every one as likely (Fisher and Yates).
    mutating func shuffle<Element>(_ elements: inout [Element]) {
        for last in stride(from: elements.count - 1, to: 0, by: -1) { elements.swapAt(last, index(below: last + 1)) }
    }
}
