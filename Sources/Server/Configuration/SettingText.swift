extension Int {
    /// Nil for 0, which stands for "not set" in the configuration.
    var nonZero: Int? { self == 0 ? nil : self }
}

extension String {
    /// Nil for the empty text, which stands for "not set" in the configuration.
    var nonEmpty: String? { isEmpty ? nil : self }
}
