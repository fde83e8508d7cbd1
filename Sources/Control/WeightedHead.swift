/// A value function and how much it counts in a sum of several.
public struct WeightedHead: Sendable {
    /// The value function.
    public let valueFunction: ValueFunction
    /// Its factor; negative to steer away from what it values.
    public let weight: Float
    /// Its name in the registry, for reports.
    public let name: String
    /// Its version in the registry, for reports.
    public let version: Int

    /// Names a value function and gives it a weight.
    public init(valueFunction: ValueFunction, weight: Float, name: String, version: Int) {
        self.valueFunction = valueFunction
        self.weight = weight
        self.name = name
        self.version = version
    }
}
