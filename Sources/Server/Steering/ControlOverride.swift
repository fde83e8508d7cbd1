/// One setting of a `control` object: left out, so that the head's metadata and the defaults decide, or set. An explicit null sets "off".
package enum ControlOverride<Value: Sendable & Equatable>: Sendable, Equatable {
    case inherited
    case set(Value)

    /// Puts a set value in place of the inherited one.
    package func apply(to value: inout Value) {
        if case .set(let new) = self { value = new }
    }
}
