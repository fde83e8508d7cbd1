/// What JSON text an answer may be: a graph of nodes, each a kind of value. Text of a shape has no optional white space.
///
/// Nodes are named by their place, so that a shape may contain itself, as a tree's branch contains branches.
public struct JSONShape: Sendable, Equatable {
    /// One kind of value.
    public enum Node: Sendable, Equatable {
        /// One of some texts, each a whole value without white space.
        case literals([[UInt8]])
        /// A string.
        case string(JSONStringLimits)
        /// A number.
        case number(JSONNumberLimits)
        /// An array.
        case array(JSONArrayShape)
        /// An object.
        case object(JSONObjectShape)
        /// A value of any of some nodes.
        case choice([Int])
    }

    /// The nodes.
    public var nodes: [Node]
    /// The node that the whole text is of.
    public var root: Int

    /// A shape without nodes, to be filled.
    public init() {
        nodes = []
        root = 0
    }

    /// Adds a node.
    ///
    /// - Returns: its place.
    public mutating func add(_ node: Node) -> Int {
        nodes.append(node)
        return nodes.count - 1
    }

    /// How deep arrays and objects may be nested at all: many parsers read no deeper.
    public static let maximumDepth = 256
    /// How deep arrays and objects may be nested where nothing is said of their content.
    public static let freeDepth = 32

    /// Adds nodes for a value of any kind, whose arrays and objects hold values of any kind again.
    ///
    /// - Returns: the place of the node that stands for any value, and of the one for an object.
    public mutating func addAny() -> (value: Int, object: Int) {
        let words = add(.literals(["false", "null", "true"].map { Array($0.utf8) }))
        let string = add(.string(JSONStringLimits()))
        let number = add(.number(JSONNumberLimits()))
        let any = add(.choice([]))
        let array = add(.array(JSONArrayShape(items: any, maximumDepth: Self.freeDepth)))
        let object = add(.object(JSONObjectShape(additional: any, maximumDepth: Self.freeDepth)))
        nodes[any] = .choice([string, number, words, array, object])
        return (any, object)
    }
}
