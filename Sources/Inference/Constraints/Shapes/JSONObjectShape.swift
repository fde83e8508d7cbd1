/// What an object may hold: some properties in one order, then others of names that are not among them.
public struct JSONObjectShape: Sendable, Equatable {
    /// A property with a name.
    public struct Property: Sendable, Equatable {
        /// The name, as UTF-8.
        public var name: [UInt8]
        /// The node of its value.
        public var value: Int
        /// Whether it must be there.
        public var isRequired: Bool

        /// A property of a name, with a value of a node.
        public init(name: [UInt8], value: Int, isRequired: Bool) {
            self.name = name
            self.value = value
            self.isRequired = isRequired
        }
    }

    /// The properties, in the order in which they come.
    public var properties: [Property]
    /// The node of further properties' values; nil where there may be none.
    public var additional: Int?
    /// How deep in the text the object may begin; nil for no bound.
    public var maximumDepth: Int?

    /// Objects of some properties and, where there is a node for them, others.
    public init(properties: [Property] = [], additional: Int? = nil, maximumDepth: Int? = nil) {
        self.properties = properties
        self.additional = additional
        self.maximumDepth = maximumDepth
    }
}
