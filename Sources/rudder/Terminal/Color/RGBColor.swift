import Foundation

/// A colour as sRGB has it.
package struct RGBColor: Equatable, Sendable {
    package let red: Int
    package let green: Int
    package let blue: Int

    package init(_ red: Int, _ green: Int, _ blue: Int) {
        (self.red, self.green, self.blue) = (red, green, blue)
    }

    /// The relative luminance of WCAG 2.
    package var luminance: Double {
        func linear(_ value: Int) -> Double {
            let part = Double(value) / 255
            return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    /// The contrast of WCAG 2 with another colour, from 1 to 21.
    package func contrast(with other: RGBColor) -> Double {
        let (bright, dark) = (max(luminance, other.luminance), min(luminance, other.luminance))
        return (bright + 0.05) / (dark + 0.05)
    }

    /// The nearest of xterm's 6×6×6 colours and 24 greys: its number and itself.
    package var nearestOfPalette: (number: Int, color: RGBColor) {
        let levels = [0, 95, 135, 175, 215, 255]
        func nearest(_ value: Int) -> Int { levels.indices.min { abs(levels[$0] - value) < abs(levels[$1] - value) } ?? 0 }
        let (r, g, b) = (nearest(red), nearest(green), nearest(blue))
        let cube = RGBColor(levels[r], levels[g], levels[b])
        let step = min(23, max(0, ((red + green + blue) / 3 - 3) / 10))
        let grey = RGBColor(8 + 10 * step, 8 + 10 * step, 8 + 10 * step)
        return distance(to: grey) < distance(to: cube) ? (232 + step, grey) : (16 + 36 * r + 6 * g + b, cube)
    }

    private func distance(to other: RGBColor) -> Int {
        let (r, g, b) = (red - other.red, green - other.green, blue - other.blue)
        return r * r + g * g + b * b
    }
}
