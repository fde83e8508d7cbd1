/// What one pass over the training data brought.
public struct EpochReport: Sendable, Codable, Equatable {
    /// Which pass, from 1.
    public let epoch: Int
    /// The mean loss over the training items, while they were learned from.
    public let trainingLoss: Double
    /// The mean loss over the validation items, afterwards.
    public let validationLoss: Double
    /// Further measures on the validation items, by name.
    public let measures: [String: Double]
    /// What early stopping goes by.
    public let score: Double

    private enum CodingKeys: String, CodingKey {
        case epoch, measures, score
        case trainingLoss = "training_loss"
        case validationLoss = "validation_loss"
    }
}
