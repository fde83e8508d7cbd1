import Foundation

/// How many cells a terminal has.
struct TerminalSize: Equatable, Sendable {
    let columns: Int
    let rows: Int

    /// The size as the terminal tells it; 80 by 24 where it does not.
    static func of(_ descriptor: Int32) -> TerminalSize {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return TerminalSize(columns: 80, rows: 24)
        }
        return TerminalSize(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }
}
