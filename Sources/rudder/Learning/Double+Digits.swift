import Foundation

extension Double {
    /// With that many digits behind the point.
    func formatted(digits: Int) -> String {
        String(format: "%.\(digits)f", self)
    }
}
