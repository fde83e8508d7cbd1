/// Lines over two axes, as a picture in SVG that needs nothing else.
struct LineChart {
    /// Where a line goes through.
    struct Point {
        let x: Double
        let y: Double
        /// Written beside it; nil for nothing.
        var label: String?
    }

    private struct Line {
        let name: String
        let points: [Point]
        let isLine: Bool
    }

    let title: String
    let horizontal: String
    let vertical: String
    /// Where a dashed upright line is drawn.
    var markedX: Double?
    private var lines: [Line] = []
    private static let colors = ["#2563a8", "#c2571a", "#2f8f4e", "#8a4fb0", "#a8324a", "#5a6270"]
    private static let (width, height) = (720.0, 420.0)
    private static let (left, right, top, bottom) = (70.0, 20.0, 40.0, 90.0)

    init(title: String, horizontal: String, vertical: String) {
        self.title = title
        self.horizontal = horizontal
        self.vertical = vertical
    }

    /// Adds a line, or points alone.
    mutating func add(_ name: String, _ points: [Point], isLine: Bool = true) {
        lines.append(Line(name: name, points: points.filter { $0.x.isFinite && $0.y.isFinite }, isLine: isLine))
    }

    /// The picture.
    var svg: String {
        let points = lines.flatMap(\.points)
        let xAxis = ChartAxis(values: points.map(\.x) + (markedX.map { [$0] } ?? []), from: Self.left, to: Self.width - Self.right)
        let yAxis = ChartAxis(values: points.map(\.y), from: Self.height - Self.bottom, to: Self.top)
        var svg = SVGWriter(width: Self.width, height: Self.height)
        svg.text(title, x: Self.width / 2, y: 22, anchor: "middle", size: 15)
        for tick in xAxis.ticks {
            let x = xAxis.position(tick)
            svg.line(x, Self.top, x, Self.height - Self.bottom, color: "#dddddd")
            svg.text(xAxis.text(tick), x: x, y: Self.height - Self.bottom + 16, anchor: "middle", size: 11)
        }
        for tick in yAxis.ticks {
            let y = yAxis.position(tick)
            svg.line(Self.left, y, Self.width - Self.right, y, color: "#dddddd")
            svg.text(yAxis.text(tick), x: Self.left - 6, y: y + 4, anchor: "end", size: 11)
        }
        if let markedX {
            svg.line(xAxis.position(markedX), Self.top, xAxis.position(markedX), Self.height - Self.bottom, color: "#888888", dash: "4 4")
        }
        svg.text(horizontal, x: (Self.left + Self.width - Self.right) / 2, y: Self.height - Self.bottom + 36, anchor: "middle", size: 12)
        svg.text(vertical, x: 16, y: (Self.top + Self.height - Self.bottom) / 2, anchor: "middle", size: 12, isUpright: true)
        var legend = Self.left
        for (index, line) in lines.enumerated() {
            let color = Self.colors[index % Self.colors.count]
            let places = line.points.map { (xAxis.position($0.x), yAxis.position($0.y)) }
            if line.isLine { svg.path(places, color: color) }
            for (place, point) in zip(places, line.points) {
                svg.dot(place.0, place.1, color: color)
                if let label = point.label { svg.text(label, x: place.0 + 6, y: place.1 - 6, anchor: "start", size: 10) }
            }
            svg.dot(legend + 4, Self.height - 20, color: color)
            svg.text(line.name, x: legend + 12, y: Self.height - 16, anchor: "start", size: 11)
            legend += 24 + 6.2 * Double(line.name.count)
        }
        return svg.document
    }
}
