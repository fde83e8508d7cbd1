import Control

/// A value function, what it is called, and its file.
public struct NamedHead: Sendable {
    /// Its name, in reports.
    public let name: String
    /// Its file; nil where it is a registry's.
    public let path: String?
    /// The function.
    public let valueFunction: ValueFunction

    /// Names a value function.
    public init(name: String, path: String?, valueFunction: ValueFunction) {
        self.name = name
        self.path = path
        self.valueFunction = valueFunction
    }

    /// What steers by it.
    ///
    /// - Throws: `ControlError`
    public func controller(settings: ControlSettings, grams: GramCache) throws(ControlError) -> Controller {
        try Controller(
            heads: [WeightedHead(valueFunction: valueFunction, weight: 1, name: name, version: 1)],
            settings: settings,
            grams: grams
        )
    }
}
