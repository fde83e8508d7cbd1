/// How good a network is on some items, besides its loss.
struct TrainingMeasures {
    /// What early stopping goes by: the larger, the better.
    let score: Double
    /// All that is reported, by name.
    let values: [(name: String, value: Double)]
}
