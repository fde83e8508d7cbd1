/// What an array may hold.
public struct JSONArrayShape: Sendable, Equatable {
    /// The node of every item.
    public var items: Int
    /// The fewest items.
    public var minimum: Int
    /// The most; nil for no bound.
    public var maximum: Int?
    /// How deep in the text the array may begin; nil for no bound.
    public var maximumDepth: Int?

    /// Arrays of items of a node.
    public init(items: Int, minimum: Int = 0, maximum: Int? = nil, maximumDepth: Int? = nil) {
        self.items = items
        self.minimum = minimum
        self.maximum = maximum
        self.maximumDepth = maximumDepth
    }
}
