/// How many colours a terminal has.
package enum ColorDepth: Equatable, Sendable {
    /// Those of xterm's palette.
    case palette
    /// Every one of 24 bits.
    case full

    /// As many as the terminal says it has.
    package init(environment: [String: String]) {
        self = ["truecolor", "24bit"].contains(environment["COLORTERM"] ?? "") ? .full : .palette
    }
}
