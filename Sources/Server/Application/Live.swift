import Synchronization

/// A setting that may be replaced while the server runs. Whoever reads it once and uses that goes on with what it was.
package final class Live<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    package init(_ value: Value) {
        state = Mutex(value)
    }

    /// What it is now.
    package var value: Value {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
