import OrderedCollections

/// The members of a JSON object, in the order in which they stand there. Two objects are equal whatever their members' order.
package struct JSONObject: Sendable, Equatable, ExpressibleByDictionaryLiteral, Swift.Sequence {
    private var members: OrderedDictionary<JSONKey, JSONValue> = [:]

    /// An object without members.
    package init() {}

    package init(dictionaryLiteral elements: (JSONKey, JSONValue)...) {
        for (name, value) in elements { members[name] = value }
    }

    /// The member of that name; nil where there is none. Setting one that is there leaves it at its place.
    package subscript(_ name: JSONKey) -> JSONValue? {
        get { members[name] }
        set { members[name] = newValue }
    }

    /// The members' names, in their order.
    package var names: [JSONKey] {
        members.keys.elements
    }

    /// How many members there are.
    package var count: Int {
        members.count
    }

    package func makeIterator() -> OrderedDictionary<JSONKey, JSONValue>.Iterator {
        members.makeIterator()
    }

    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.members.allSatisfy { right.members[$0.key] == $0.value }
    }
}
