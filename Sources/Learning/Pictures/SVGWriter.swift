import Foundation

/// Writes the few shapes of SVG 1.1 that charts are made of.
struct SVGWriter {
    private var body = ""
    private let width: Double
    private let height: Double

    init(width: Double, height: Double) {
        (self.width, self.height) = (width, height)
    }

    /// The whole file.
    var document: String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="\(number(width))" height="\(number(height))" viewBox="0 0 \(number(width)) \(number(height))" \
        font-family="sans-serif"><rect width="100%" height="100%" fill="#ffffff"/>
        \(body)</svg>

        """
    }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, color: String, dash: String? = nil) {
        let dashes = dash.map { " stroke-dasharray=\"\($0)\"" } ?? ""
        body += "<line x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\" stroke=\"\(color)\"\(dashes)/>\n"
    }

    mutating func path(_ points: [(Double, Double)], color: String) {
        let places = points.map { "\(number($0.0)),\(number($0.1))" }.joined(separator: " ")
        body += "<polyline points=\"\(places)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"2\"/>\n"
    }

    mutating func dot(_ x: Double, _ y: Double, color: String) {
        body += "<circle cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"3\" fill=\"\(color)\"/>\n"
    }

    mutating func text(_ text: String, x: Double, y: Double, anchor: String, size: Int, isUpright: Bool = false) {
        let turn = isUpright ? " transform=\"rotate(-90 \(number(x)) \(number(y)))\"" : ""
        body +=
            "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\" font-size=\"\(size)\" fill=\"#222222\"\(turn)>\(escaped(text))</text>\n"
    }

    private func number(_ value: Double) -> String {
        String(format: "%.1f", value)
    }

    private func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: ">", with: "&gt;")
    }
}
