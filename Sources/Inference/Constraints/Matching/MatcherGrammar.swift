/// The rules by which threads read bytes.
struct MatcherGrammar: Sendable {
    private let shape: JSONShape
    private let costs: ShapeCosts
    private let run: Int
    private let finishesCharacters: Bool

    /// More readings of one text than these are not followed, and of those within strings, where every token has to be looked at.
    private static let (maximumThreads, maximumStrings) = (512, 64)
    /// From so many readings on, each one before a byte gives only one behind it: the cheapest, of an object's members the first that may come.
    private static let manyThreads = 4_096
    /// More properties than these that are not declared an object does not get.
    private static let maximumNames = 256
    /// The longest name of a property that is not declared, in code points.
    private static let nameLimits = JSONStringLimits(minimum: 0, maximum: 128)

    init(_ constraint: OutputConstraint) {
        shape = constraint.shape
        costs = constraint.costs
        run = constraint.vocabulary.longestRun
        finishesCharacters = constraint.vocabulary.finishesCharacters
    }

    /// The threads before the first byte.
    var start: [MatcherThread] {
        var threads: [MatcherThread] = []
        enter(shape.root, below: nil, into: &threads)
        removeDuplicates(&threads)
        return threads
    }

    /// The threads behind a byte; none where it cannot come next.
    func reading(_ byte: UInt8, _ threads: [MatcherThread]) -> [MatcherThread] {
        var next: [MatcherThread] = []
        for thread in threads { read(byte, thread.frame, thread.below, into: &next) }
        if next.count > 1 { removeDuplicates(&next) }
        return next
    }

    private func removeDuplicates(_ threads: inout [MatcherThread]) {
        var seen = Set<MatcherThread>()
        threads.removeAll { !seen.insert($0).inserted }
        guard threads.count > Self.maximumStrings else { return }
        // The cheapest ones stay, so that one of those that can be finished in time is among them.
        threads.sort { $0.cost < $1.cost }
        var strings = 0
        threads.removeAll { thread in
            switch thread.frame {
            case .string, .name: strings += 1
            default: return false
            }
            return strings > Self.maximumStrings
        }
        if threads.count > Self.maximumThreads { threads.removeSubrange(Self.maximumThreads...) }
    }

    // MARK: What a thread may do

    /// Whether the text is whole, read so.
    func isComplete(_ thread: MatcherThread) -> Bool {
        thread.frame == .done || (thread.below == nil && mayEnd(thread.frame))
    }

    /// Whether of plain tokens no more than their length matters, but for those that make one of the ``takenEndings(_:)`` of a name.
    func takesPlainTokens(_ thread: MatcherThread) -> Bool {
        switch thread.frame {
        case .string(_, let state), .name(_, _, _, let state): state.isOpen
        default: false
        }
    }

    /// The bytes behind which a name that is being written is one that its object has, or may only have in its place.
    func takenEndings(_ thread: MatcherThread) -> [[UInt8]] {
        guard case .name(let node, let names, let text, _) = thread.frame, case .object(let object) = shape.nodes[node] else { return [] }
        let taken = names + object.properties.map(\.name)
        return taken.filter { $0.count > text.count && $0.starts(with: text) }.map { Array($0[text.count...]) }
    }

    /// Whether a token may end here: not within a character that no token may be able to finish.
    func mayStop(_ thread: MatcherThread) -> Bool {
        switch thread.frame {
        case .string(_, let state), .name(_, _, _, let state): finishesCharacters || !state.isWithinCharacter
        default: true
        }
    }

    /// Whether a string may be of any length from here on.
    func isUnbounded(_ thread: MatcherThread) -> Bool {
        guard case .string(let node, _) = thread.frame, case .string(let limits) = shape.nodes[node] else { return false }
        return limits.maximum == nil
    }

    /// Whether a string must become longer.
    func hasMinimum(_ thread: MatcherThread) -> Bool {
        guard case .string(let node, let state) = thread.frame, case .string(let limits) = shape.nodes[node] else { return false }
        return state.count < limits.minimum
    }

    /// How many tokens are needed behind a plain token of so many code points; nil where it may not come.
    func costBehindPlainToken(_ thread: MatcherThread, length: Int) -> Int? {
        switch thread.frame {
        case .string(let node, let state):
            guard case .string(let limits) = shape.nodes[node], let next = state.appending(length, limits) else { return nil }
            return TokenCost.sum(next.cost(limits, run: run), thread.below?.cost ?? 0)
        case .name(let node, _, _, let state):
            // A name of the greatest length may be a taken one, and could not become another.
            guard let next = state.appending(length, Self.nameLimits), next.count < Self.nameLimits.maximum ?? .max else { return nil }
            return TokenCost.sum(nameCost(node, next), thread.below?.cost ?? 0)
        default:
            return nil
        }
    }

    /// Whether a value may end here, so that what is read next may belong to the one around it.
    private func mayEnd(_ frame: MatcherFrame) -> Bool {
        switch frame {
        case .number(let node, let state):
            guard case .number(let limits) = shape.nodes[node] else { return false }
            return state.isComplete(limits)
        case .literals(let set, let lower, _, let offset): return costs.literals[set].texts[lower].count == offset
        default: return false
        }
    }

    // MARK: Reading

    private func read(_ byte: UInt8, _ frame: MatcherFrame, _ below: MatcherStack?, into next: inout [MatcherThread]) {
        if let below, mayEnd(frame) {
            var around: [MatcherThread] = []
            leave(to: below, into: &around)
            for thread in around { read(byte, thread.frame, thread.below, into: &next) }
        }
        switch frame {
        case .done, .value: return
        case .literals(let set, let lower, let upper, let offset): readLiterals(byte, set, lower..<upper, offset, below, into: &next)
        case .string(let node, let state):
            guard case .string(let limits) = shape.nodes[node], let step = state.reading(byte, limits) else { return }
            switch step {
            case .open(let state): add(.string(node: node, state), below, state.cost(limits, run: run), into: &next)
            case .ended: leave(to: below, into: &next)
            }
        case .number(let node, let state):
            guard case .number(let limits) = shape.nodes[node], let state = state.reading(byte, limits) else { return }
            add(.number(node: node, state), below, state.cost(limits) ?? TokenCost.none, into: &next)
        case .array(let node):
            guard byte == UInt8(ascii: "["), case .array(let array) = shape.nodes[node] else { return }
            if array.minimum == 0 { add(.arrayEnd, below, 1, into: &next) }
            if array.maximum != 0 { enterItem(node, array, count: 1, below, into: &next) }
        case .arrayItem(let node, let count):
            guard case .array(let array) = shape.nodes[node] else { return }
            if byte == UInt8(ascii: "]"), count >= array.minimum { leave(to: below, into: &next) }
            if byte == UInt8(ascii: ","), count < array.maximum ?? .max { enterItem(node, array, count: count + 1, below, into: &next) }
        case .arrayEnd:
            if byte == UInt8(ascii: "]") { leave(to: below, into: &next) }
        case .object(let node):
            guard byte == UInt8(ascii: "{"), case .object(let object) = shape.nodes[node] else { return }
            if !object.properties.contains(where: \.isRequired) { add(.objectEnd, below, 1, into: &next) }
            enterMember(node, object, from: 0, names: [], below, into: &next)
        case .objectMember(let node, let start, let names):
            guard case .object(let object) = shape.nodes[node] else { return }
            if byte == UInt8(ascii: "}"), !object.properties[start...].contains(where: \.isRequired) { leave(to: below, into: &next) }
            if byte == UInt8(ascii: ",") { enterMember(node, object, from: start, names: names, below, into: &next) }
        case .objectEnd:
            if byte == UInt8(ascii: "}") { leave(to: below, into: &next) }
        case .name(let node, let names, let text, let state): readName(byte, node, names, text, state, below, into: &next)
        }
    }

    private func readLiterals(
        _ byte: UInt8,
        _ set: Int,
        _ range: Range<Int>,
        _ offset: Int,
        _ below: MatcherStack?,
        into next: inout [MatcherThread]
    ) {
        let literals = costs.literals[set]
        func place(where isBeyond: (UInt8) -> Bool) -> Int {
            var (low, high) = (range.lowerBound, range.upperBound)
            while low < high {
                let middle = (low + high) / 2
                let text = literals.texts[middle]
                if offset < text.count, isBeyond(text[offset]) { high = middle } else { low = middle + 1 }
            }
            return low
        }
        let (lower, upper) = (place { $0 >= byte }, place { $0 > byte })
        guard lower < upper else { return }
        if upper - lower == 1, literals.texts[lower].count == offset + 1 { return leave(to: below, into: &next) }
        let cost = (lower..<upper).map { literals.covers[$0][offset + 1] }.min() ?? TokenCost.none
        add(.literals(set: set, lower: lower, upper: upper, offset: offset + 1), below, cost, into: &next)
    }

    private func readName(
        _ byte: UInt8,
        _ node: Int,
        _ names: [[UInt8]],
        _ text: [UInt8],
        _ state: StringState,
        _ below: MatcherStack?,
        into next: inout [MatcherThread]
    ) {
        guard case .object(let object) = shape.nodes[node], let additional = object.additional,
            let step = state.reading(byte, Self.nameLimits, allowsEscapes: false)
        else { return }
        switch step {
        case .open(let state):
            let longer = byte == UInt8(ascii: "\"") ? text : text + [byte]
            let isTaken = isTaken(longer, object, names)
            if isTaken, state.count >= Self.nameLimits.maximum ?? .max { return }
            add(.name(node: node, names: names, text: longer, state), below, nameCost(node, state) + (isTaken ? 1 : 0), into: &next)
        case .ended:
            guard !isTaken(text, object, names) else { return }
            let member = stack(.objectMember(node: node, next: object.properties.count, names: names + [text]), below, 1)
            let value = stack(.value(node: additional), member, costs.nodes[additional])
            add(.literals(set: ShapeCosts.colon, lower: 0, upper: 1, offset: 0), value, 1, into: &next)
        }
    }

    private func isTaken(_ name: [UInt8], _ object: JSONObjectShape, _ names: [[UInt8]]) -> Bool {
        names.contains(name) || object.properties.contains { $0.name == name }
    }

    /// What a further property needs from its name on, the object's end included.
    private func nameCost(_ node: Int, _ state: StringState) -> Int {
        guard case .object(let object) = shape.nodes[node], let additional = object.additional else { return TokenCost.none }
        return TokenCost.sum(state.cost(Self.nameLimits, run: run), 1, costs.nodes[additional], 1)
    }

    // MARK: Values within values

    private func add(_ frame: MatcherFrame, _ below: MatcherStack?, _ cost: Int, into threads: inout [MatcherThread]) {
        threads.append(MatcherThread(frame: frame, below: below, cost: TokenCost.sum(cost, below?.cost ?? 0)))
    }

    private func stack(_ frame: MatcherFrame, _ below: MatcherStack?, _ cost: Int) -> MatcherStack {
        MatcherStack(frame, below: below, cost: cost)
    }

    /// Goes on with the value around one that is whole.
    private func leave(to below: MatcherStack?, into threads: inout [MatcherThread]) {
        guard let below else { return add(.done, nil, 0, into: &threads) }
        if case .value(let node) = below.frame { return enter(node, below: below.below, into: &threads) }
        add(below.frame, below.below, below.cost - (below.below?.cost ?? 0), into: &threads)
    }

    /// Begins a value.
    private func enter(_ node: Int, below: MatcherStack?, into threads: inout [MatcherThread]) {
        // The cheapest leaves come first.
        let count = threads.count
        for leaf in costs.leaves[node] {
            enterLeaf(leaf, below: below, into: &threads)
            if threads.count >= count + Self.maximumThreads || (threads.count > count && count >= Self.manyThreads) { return }
        }
    }

    /// Begins a value of a node that is no choice, if its cheapest text is not nested too deep from here on.
    private func enterLeaf(_ node: Int, below: MatcherStack?, into threads: inout [MatcherThread]) {
        let cost = costs.nodes[node]
        let depth = below?.depth ?? 0
        guard cost < TokenCost.none, fits(node, depth: depth) else { return }
        switch shape.nodes[node] {
        case .literals(let texts):
            guard let set = costs.literalSets[node], !texts.isEmpty else { return }
            add(.literals(set: set, lower: 0, upper: texts.count, offset: 0), below, cost, into: &threads)
        case .string: add(.string(node: node, StringState()), below, cost, into: &threads)
        case .number: add(.number(node: node, NumberState()), below, cost, into: &threads)
        case .array(let array):
            if depth < array.maximumDepth ?? .max { add(.array(node: node), below, cost, into: &threads) }
        case .object(let object):
            if depth < object.maximumDepth ?? .max { add(.object(node: node), below, cost, into: &threads) }
        case .choice: return
        }
    }

    /// Whether the cheapest value of a node is not nested too deep where that many are around it.
    private func fits(_ node: Int, depth: Int) -> Bool {
        depth + costs.heights[node] <= JSONShape.maximumDepth
    }

    private func enterItem(_ node: Int, _ array: JSONArrayShape, count: Int, _ below: MatcherStack?, into threads: inout [MatcherThread]) {
        let missing = max(0, array.minimum - count)
        let cost = TokenCost.sum(TokenCost.product(missing, TokenCost.sum(1, costs.nodes[array.items])), 1)
        // Beyond the minimum, where there is no maximum, all is alike.
        let count = array.maximum == nil ? min(count, max(array.minimum, 1)) : count
        enter(array.items, below: stack(.arrayItem(node: node, count: count), below, cost), into: &threads)
    }

    /// Begins one of the members that may come next: a property up to the first required one, else one that is not declared.
    private func enterMember(
        _ node: Int,
        _ object: JSONObjectShape,
        from start: Int,
        names: [[UInt8]],
        _ below: MatcherStack?,
        into threads: inout [MatcherThread]
    ) {
        guard let sets = costs.nameSets[node], let required = costs.required[node] else { return }
        // The members are one level deeper.
        let depth = (below?.depth ?? 0) + 1
        // Where very many ways are open already one is enough: the required property, else the first that may come.
        let isCrowded = threads.count >= Self.manyThreads
        let isOptionalPassedOver = isCrowded && object.properties[start...].contains(where: \.isRequired)
        for index in start..<object.properties.count {
            let property = object.properties[index]
            if !property.isRequired,
                isOptionalPassedOver || costs.nodes[property.value] >= TokenCost.none || !fits(property.value, depth: depth)
            {
                continue
            }
            let member = stack(.objectMember(node: node, next: index + 1, names: names), below, TokenCost.sum(required[index + 1], 1))
            let value = stack(.value(node: property.value), member, costs.nodes[property.value])
            add(.literals(set: sets[index], lower: 0, upper: 1, offset: 0), value, costs.literals[sets[index]].covers[0][0], into: &threads)
            if property.isRequired || isCrowded { return }
        }
        guard let additional = object.additional, names.count < Self.maximumNames, costs.nodes[additional] < TokenCost.none,
            fits(additional, depth: depth)
        else { return }
        let state = StringState()
        add(.name(node: node, names: names, text: [], state), below, nameCost(node, state) + 1, into: &threads)
    }
}
