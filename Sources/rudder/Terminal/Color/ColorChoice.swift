import ArgumentParser
import Foundation

/// When tokens are coloured: `--color auto|always|never`.
package enum ColorChoice: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// Where the output is a terminal that has colours, and nobody asked for none.
    case auto
    case always
    case never

    /// The colours to use; nil for none.
    ///
    /// - Parameters:
    ///   - environment: the environment's variables.
    ///   - isTerminal: whether the output is a terminal.
    package func depth(environment: [String: String], isTerminal: Bool) -> ColorDepth? {
        switch self {
        case .never: nil
        case .always: ColorDepth(environment: environment)
        case .auto:
            // https://no-color.org: any value but the empty one.
            isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && (environment["TERM"] ?? "dumb") != "dumb"
                ? ColorDepth(environment: environment) : nil
        }
    }
}
