import Inference

/// Makes shapes by chance.
struct RandomShapes<Source: RandomNumberGenerator> {
    private var source: Source
    private(set) var shape = JSONShape()
    private(set) var ranges: [Int: ClosedRange<Double>] = [:]

    init(_ source: Source) {
        self.source = source
        shape.root = value(depth: 0)
    }

    private mutating func pick(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &source)
    }

    private mutating func maybe(_ body: (inout Self) -> Int) -> Int? {
        pick(0...1) == 0 ? nil : body(&self)
    }

    private mutating func value(depth: Int) -> Int {
        switch pick(0...(depth < 3 ? 9 : 4)) {
        case 0:
            let texts = ["1", "12", "\"ab\"", "\"abc\"", "null", "[1,{\"a\":\"é\"}]", "\"日\""]
            let count = pick(1...texts.count)
            return shape.add(.literals(texts.shuffled(using: &source).prefix(count).map { Array($0.utf8) }))
        case 1, 2:
            let minimum = pick(0...5)
            return shape.add(.string(JSONStringLimits(minimum: minimum, maximum: maybe { minimum + $0.pick(0...4) })))
        case 3:
            let low = pick(-1200...1200)
            let high = low + pick(0...300)
            let node = shape.add(.number(JSONNumberLimits(isInteger: true, minimum: Double(low), maximum: Double(high))))
            ranges[node] = Double(low)...Double(high)
            return node
        case 4:
            guard pick(0...2) > 0 else { return shape.add(.number(JSONNumberLimits())) }
            let low = Double(pick(-5000...5000)) / 1000
            let high = low + Double(pick(0...2000)) / 1000
            let node = shape.add(.number(JSONNumberLimits(minimum: low, maximum: high)))
            ranges[node] = low...high
            return node
        case 5, 6:
            let items = value(depth: depth + 1)
            let minimum = pick(0...3)
            return shape.add(.array(JSONArrayShape(items: items, minimum: minimum, maximum: maybe { minimum + $0.pick(0...2) })))
        case 7, 8:
            let names = ["name", "a", "ab", "é\"\n", "na"].shuffled(using: &source).prefix(pick(0...4))
            var properties: [JSONObjectShape.Property] = []
            for name in names {
                let node = value(depth: depth + 1)
                properties.append(.init(name: Array(name.utf8), value: node, isRequired: pick(0...1) == 0))
            }
            let additional = maybe { $0.value(depth: 3) }
            return shape.add(.object(JSONObjectShape(properties: properties, additional: additional)))
        default:
            let count = pick(1...3)
            var nodes: [Int] = []
            for _ in 0..<count { nodes.append(value(depth: depth + 1)) }
            return shape.add(.choice(nodes))
        }
    }
}
