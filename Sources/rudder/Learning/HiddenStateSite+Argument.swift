import ArgumentParser
import Control

extension HiddenStateSite: ExpressibleByArgument {
    /// Reads the value of `--site`.
    public init?(argument: String) {
        self.init(argument)
    }
}
