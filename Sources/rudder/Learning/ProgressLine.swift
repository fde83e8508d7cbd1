/// The text of a progress bar in the room that there is.
package enum ProgressLine {
    /// The bar with its detail behind it; without, and cut, where the terminal is too narrow: a line that wraps could not be drawn over.
    ///
    /// - Parameter columns: how many cells a row of the terminal has.
    package static func fitted(_ bar: String, detail: String, columns: Int) -> String {
        let room = max(0, columns - 1)
        let whole = detail.isEmpty ? bar : "\(bar)  \(detail)"
        if DisplayWidth.of(whole) <= room { return whole }
        var line = ""
        var width = 0
        for character in bar {
            width += DisplayWidth.of(character)
            if width > room { break }
            line.append(character)
        }
        return line
    }
}
