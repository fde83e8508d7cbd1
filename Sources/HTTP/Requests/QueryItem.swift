/// One item of a query: `name=value`, percent-decoded.
public struct QueryItem: Sendable, Hashable {
    /// The name.
    public let name: String
    /// The value; nil where there is no `=`.
    public let value: String?

    /// Makes an item.
    public init(name: String, value: String?) {
        self.name = name
        self.value = value
    }
}
