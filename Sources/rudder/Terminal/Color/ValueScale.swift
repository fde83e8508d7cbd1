/// The colours of values, from low to high: cividis (Nuñez, Anderton and Renslow, 2018), which looks alike to people with and without colour-blindness
/// and grows lighter all the way.
///
/// Values colour the ground behind a text, and the text is black or white, whichever is easier to read: so it does on dark terminals and bright ones.
package enum ValueScale {
    /// Every eighth of the scale.
    private static let stops: [RGBColor] = [
        RGBColor(0, 34, 78), RGBColor(35, 62, 108), RGBColor(76, 85, 108), RGBColor(102, 105, 112), RGBColor(125, 124, 120),
        RGBColor(150, 145, 119), RGBColor(178, 167, 110), RGBColor(211, 192, 93), RGBColor(254, 232, 56),
    ]
    private static let white = RGBColor(255, 255, 255)

    /// The colour at a place from 0, the lowest, to 1, the highest.
    package static func color(_ place: Double) -> RGBColor {
        let scaled = min(max(place.isFinite ? place : 0.5, 0), 1) * Double(stops.count - 1)
        let index = min(Int(scaled), stops.count - 2)
        let part = scaled - Double(index)
        func mix(_ from: Int, _ to: Int) -> Int { Int((Double(from) + (Double(to) - Double(from)) * part).rounded()) }
        let (low, high) = (stops[index], stops[index + 1])
        return RGBColor(mix(low.red, high.red), mix(low.green, high.green), mix(low.blue, high.blue))
    }

    /// What has the terminal write in that colour from here on.
    package static func sequence(_ place: Double, depth: ColorDepth) -> String {
        let color = color(place)
        switch depth {
        case .full:
            return "\u{1b}[48;2;\(color.red);\(color.green);\(color.blue);38;2;\(isDark(color) ? "255;255;255" : "0;0;0")m"
        case .palette:
            let (number, shown) = color.nearestOfPalette
            return "\u{1b}[48;5;\(number);38;5;\(isDark(shown) ? 231 : 16)m"
        }
    }

    /// What ends colours.
    package static let reset = "\u{1b}[0m"

    /// Whether white is easier to read on it than black.
    package static func isDark(_ color: RGBColor) -> Bool {
        color.contrast(with: white) > color.contrast(with: RGBColor(0, 0, 0))
    }
}
