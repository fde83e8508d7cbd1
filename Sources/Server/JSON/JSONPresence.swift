/// How a member stands in an object.
package enum JSONPresence: Sendable, Equatable {
    case absent
    case null
    case value(JSONValue)
}
