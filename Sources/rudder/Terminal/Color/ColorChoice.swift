import ArgumentParser
import Foundation

/// When tokens are coloured: `--color auto|always|never`.
package enum ColorChoice: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// Where the output is a terminal that has colours, and nobody asked for none.
    case auto
    case always
    case never

    /// Whether a terminal of that kind shows any: DEC's show none.
    private static func hasColors(_ terminal: String) -> Bool {
        terminal != "dumb" && !["vt52", "vt100", "vt102", "vt220"].contains(terminal)
    }

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
            isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && Self.hasColors(environment["TERM"] ?? "dumb")
                ? ColorDepth(environment: environment) : nil
        }
    }
}
