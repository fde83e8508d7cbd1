import Foundation
import Inference
import TestSupport
import Testing

@Suite("Constraints on the output")
struct ConstraintTests {
    private func shape(_ node: JSONShape.Node) -> JSONShape {
        var shape = JSONShape()
        shape.root = shape.add(node)
        return shape
    }

    private func matcher(_ shape: JSONShape, _ tokens: ToyTokens) throws -> ConstraintMatcher {
        ConstraintMatcher(try OutputConstraint(shape: shape, vocabulary: tokens.vocabulary))
    }

    /// Whether a text is a whole value of a shape.
    private func accepts(_ text: String, _ shape: JSONShape, _ tokens: ToyTokens) throws -> Bool {
        try accepts(Array(text.utf8), shape, tokens)
    }

    private func accepts(_ bytes: [UInt8], _ shape: JSONShape, _ tokens: ToyTokens) throws -> Bool {
        var matcher = try matcher(shape, tokens)
        return matcher.advance(bytes) && matcher.isComplete
    }

    @Test("whatever is drawn of the allowed tokens, the text is a value of the shape, and whole within the tokens")
    func anyDrawIsValid() throws {
        let tokens = try ToyTokens()
        var shapes = 0
        for seed in 0..<400 as Range<UInt64> {
            var source = RandomNumbers(seed: seed)
            let random = RandomShapes(RandomNumbers(seed: seed &+ 1_000_000))
            guard let constraint = try? OutputConstraint(shape: random.shape, vocabulary: tokens.vocabulary) else { continue }
            shapes += 1
            let validator = ShapeValidator(shape: random.shape, ranges: random.ranges)
            for extra in [0, 1, 2, 5, 40] {
                let budget = constraint.minimumTokens + extra
                var matcher = ConstraintMatcher(constraint)
                var (bytes, used, hasEnded): ([UInt8], Int, Bool) = ([], 0, false)
                while !hasEnded, used < budget, !matcher.isFinished {
                    let mask = matcher.allowedTokens(remaining: budget - used)
                    let allowed = (0..<tokens.count + 7).filter { mask.contains($0) }
                    let token = try #require(allowed.randomElement(using: &source), "no token is allowed, seed \(seed), \(extra) to spare")
                    if token == tokens.end {
                        hasEnded = true
                    } else {
                        used += 1
                        let next = tokens.tokenizer.bytes(of: Int32(token))
                        let isTaken = matcher.advance(next)
                        #expect(isTaken)
                        bytes += next
                    }
                }
                let text = try #require(String(validating: bytes, as: UTF8.self), "seed \(seed)")
                #expect(matcher.isComplete, "seed \(seed), \(extra) to spare: \(text)")
                #expect(try validator.isValid(text), "seed \(seed): \(text)")
            }
        }
        #expect(shapes > 300)
    }

    @Test("the allowed tokens are those whose bytes can come next, one by one")
    func masksAreExact() throws {
        let tokens = try ToyTokens()
        for seed in 0..<120 as Range<UInt64> {
            var source = RandomNumbers(seed: seed)
            let random = RandomShapes(RandomNumbers(seed: seed &+ 5_000))
            guard let constraint = try? OutputConstraint(shape: random.shape, vocabulary: tokens.vocabulary) else { continue }
            var matcher = ConstraintMatcher(constraint)
            for _ in 0..<12 where !matcher.isFinished {
                let mask = matcher.allowedTokens(remaining: 1000)
                var allowed: [Int] = []
                for token in 0..<tokens.count where token != tokens.end {
                    var copy = matcher
                    let fits = copy.advance(tokens.tokenizer.bytes(of: Int32(token)))
                    #expect(mask.contains(token) == fits, "seed \(seed), token \(token)")
                    if fits { allowed.append(token) }
                }
                #expect(mask.contains(tokens.end) == matcher.isComplete)
                guard let token = allowed.randomElement(using: &source) else { break }
                _ = matcher.advance(tokens.tokenizer.bytes(of: Int32(token)))
            }
        }
    }

    @Test("where tokens are few, those are allowed behind which the text can still be finished in time, one by one")
    func masksAreExactWhereTokensAreFew() throws {
        let tokens = try ToyTokens()
        var shapes = 0
        for seed in 0..<80 as Range<UInt64> {
            var source = RandomNumbers(seed: seed)
            let random = RandomShapes(RandomNumbers(seed: seed &+ 9_000))
            guard let constraint = try? OutputConstraint(shape: random.shape, vocabulary: tokens.vocabulary) else { continue }
            shapes += 1
            for extra in [0, 1, 3] {
                var matcher = ConstraintMatcher(constraint)
                for remaining in (1...constraint.minimumTokens + extra).reversed() where !matcher.isFinished {
                    let mask = matcher.allowedTokens(remaining: remaining)
                    var allowed: [(bytes: [UInt8], cost: Int)] = []
                    for token in 0..<tokens.count where token != tokens.end {
                        var copy = matcher
                        let bytes = tokens.tokenizer.bytes(of: Int32(token))
                        let fits = copy.advance(bytes) && copy.cost < remaining
                        #expect(mask.contains(token) == fits, "seed \(seed), \(extra) to spare, token \(token), \(remaining) left")
                        if fits { allowed.append((bytes, copy.cost)) }
                    }
                    // The way that needs the most tokens, so that every one is needed.
                    let most = allowed.map(\.cost).max()
                    guard let next = allowed.filter({ $0.cost == most }).randomElement(using: &source) else { break }
                    _ = matcher.advance(next.bytes)
                }
                #expect(matcher.isComplete, "seed \(seed), \(extra) to spare")
            }
        }
        #expect(shapes > 60)
    }

    @Test("where tokens lack to finish a character that was begun, none is left unfinished")
    func charactersThatCannotBeFinished() throws {
        let tokens = try ToyTokens(partial: [[0xE6, 0x97], [0xA5, 0xE6], [0xA5], [0xA5, 0x22], [0xC3]], missing: 0x80...0xBF)
        let constraint = try OutputConstraint(shape: shape(.string(JSONStringLimits(maximum: 3))), vocabulary: tokens.vocabulary)
        var source = RandomNumbers(seed: 1)
        var texts = Set<String>()
        for _ in 0..<300 {
            var (matcher, bytes): (ConstraintMatcher, [UInt8]) = (ConstraintMatcher(constraint), [])
            for remaining in (1...8).reversed() where !matcher.isFinished {
                let mask = matcher.allowedTokens(remaining: remaining)
                let allowed = (0..<tokens.count).filter { mask.contains($0) && $0 != tokens.end }
                let next = tokens.tokenizer.bytes(of: Int32(try #require(allowed.randomElement(using: &source))))
                let isTaken = matcher.advance(next)
                #expect(isTaken)
                bytes += next
                #expect(String(validating: bytes, as: UTF8.self) != nil)
            }
            #expect(matcher.isFinished)
            texts.insert(String(decoding: bytes, as: UTF8.self))
        }
        #expect(texts.contains { $0.contains("日本") || $0.contains("é") })
    }

    @Test("parts listed in whatever order take no time to find bounds for", .timeLimit(.minutes(1)))
    func partsInAnyOrder() throws {
        let tokens = try ToyTokens()
        // Each array holds the one listed at the other end of those before it.
        let count = 60_000
        var shape = JSONShape()
        for _ in 0..<count { _ = shape.add(.literals([Array("0".utf8)])) }
        var last = count / 2
        var (low, high) = (last - 1, last + 1)
        while low >= 0, high < count {
            shape.nodes[high] = .array(JSONArrayShape(items: last, minimum: 1))
            shape.nodes[low] = .array(JSONArrayShape(items: high, minimum: 1))
            (last, low, high) = (low, low - 1, high + 1)
        }
        shape.root = last
        #expect(throws: ConstraintError.tooDeep) { try OutputConstraint(shape: shape, vocabulary: tokens.vocabulary) }
    }

    @Test(
        "a number is allowed exactly if it is written shortly and is in its range",
        arguments: [
            (-3.0, 12.0, true), (7, 7, true), (0, 0, true), (-120, -98, true), (99, 101, true), (-0.5, 0.25, false), (1.05, 1.1, false),
            (-2, -1.9, false), (9.9, 10, false),
        ]
    )
    func numberRanges(_ low: Double, _ high: Double, _ isInteger: Bool) throws {
        let tokens = try ToyTokens()
        let shape = shape(.number(JSONNumberLimits(isInteger: isInteger, minimum: low, maximum: high)))
        let constraint = try OutputConstraint(shape: shape, vocabulary: tokens.vocabulary)
        let pattern = isInteger ? #"^(0|-?[1-9][0-9]*)$"# : #"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"#
        var texts = [""]
        for _ in 0..<5 {
            texts = texts.filter { $0.utf8.count > 0 || $0.isEmpty }.flatMap { text in "-.019257".map { text + String($0) } }
            for text in texts {
                let value = Double(text)
                let isNumber = text.range(of: pattern, options: .regularExpression) != nil
                let isNegativeZero = value == 0 && text.hasPrefix("-")
                let isGood = isNumber && !isNegativeZero && value.map { (low...high).contains($0) } == true
                var matcher = ConstraintMatcher(constraint)
                let isAccepted = matcher.advance(Array(text.utf8)) && matcher.isComplete
                #expect(isAccepted == isGood, "\(text)")
            }
            // Only what a good number may begin with goes on, or there would be too many.
            texts = texts.filter { text in
                var matcher = ConstraintMatcher(constraint)
                return matcher.advance(Array(text.utf8))
            }
        }
    }

    @Test("bounds that are excluded, and bounds finer than what can be written, are kept")
    func exclusiveBounds() throws {
        let tokens = try ToyTokens()
        let above = shape(.number(JSONNumberLimits(exclusiveMinimum: 0, exclusiveMaximum: 1)))
        for (text, isGood) in [
            ("0", false), ("0.0", false), ("0.000000000001", true), ("1", false), ("0.999", true), ("0.0000000000001", false),
        ] {
            #expect(try accepts(text, above, tokens) == isGood, "\(text)")
        }
        let whole = shape(.number(JSONNumberLimits(isInteger: true, exclusiveMinimum: 1.5, exclusiveMaximum: 4)))
        for (text, isGood) in [("1", false), ("2", true), ("3", true), ("4", false)] {
            #expect(try accepts(text, whole, tokens) == isGood, "\(text)")
        }
        #expect(JSONNumberLimits(isInteger: true, minimum: 1.2, maximum: 1.8).isEmpty)
        #expect(JSONNumberLimits(minimum: 1e-14, maximum: 2e-14).isEmpty)
        #expect(!JSONNumberLimits(minimum: 0.1, maximum: 0.1).isEmpty)
        #expect(try accepts("0.1", shape(.number(JSONNumberLimits(minimum: 0.1, maximum: 0.1))), tokens))
        #expect(JSONNumberLimits(minimum: 1e16).isEmpty)
        #expect(JSONNumberLimits(minimum: 2, maximum: 1).isEmpty)
    }

    @Test("numbers without a range are bounded, and may have an exponent")
    func boundedNumbers() throws {
        let tokens = try ToyTokens()
        let any = shape(.number(JSONNumberLimits()))
        for text in ["0", "-1", "123456789012345", "1.123456789012", "1e5", "2.5E-12", "1e+99"] {
            #expect(try accepts(text, any, tokens), "\(text)")
        }
        for text in ["1234567890123456", "1.1234567890123", "1e100", "01", "1.", ".5", "+1", "-", "1e", "0x1", "-0", "1 "] {
            #expect(try !accepts(text, any, tokens), "\(text)")
        }
    }

    @Test("a string's length counts code points, and only whole and valid ones")
    func strings() throws {
        let tokens = try ToyTokens()
        let two = shape(.string(JSONStringLimits(minimum: 2, maximum: 2)))
        for text in ["\"ab\"", "\"é日\"", "\"😀a\"", #""\n\u00e9""#, #""\"\\""#, "\"e\u{301}\""] {
            #expect(try accepts(text, two, tokens), "\(text)")
        }
        for text in ["\"a\"", "\"abc\"", "\"é\"", "\"a\nb\"", #""\x61b""#, #""\ud83dx""#, #""\uDE00a""#, "ab", "\"ab", "'ab'"] {
            #expect(try !accepts(text, two, tokens), "\(text)")
        }
        let free = shape(.string(JSONStringLimits()))
        // Overlong forms, halves of surrogate pairs, what is beyond Unicode, lone continuations.
        for bytes: [UInt8] in [[0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5], [0x80], [0xC3]] {
            #expect(try !accepts([0x22] + bytes + [0x22], free, tokens))
        }
        for scalar in ["\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFF}", "\u{10000}", "\u{10FFFF}", "\u{7F}"] {
            #expect(try accepts("\"\(scalar)\"", free, tokens))
        }
    }

    @Test("an object has its properties in their order, the optional ones left out at will, further ones under other names and each once")
    func objects() throws {
        let tokens = try ToyTokens()
        var shape = JSONShape()
        let number = shape.add(.number(JSONNumberLimits(isInteger: true)))
        let properties = [("a", false), ("b", true), ("c", false)].map {
            JSONObjectShape.Property(name: Array($0.0.utf8), value: number, isRequired: $0.1)
        }
        shape.root = shape.add(.object(JSONObjectShape(properties: properties)))
        for text in [#"{"b":1}"#, #"{"a":1,"b":2}"#, #"{"b":1,"c":2}"#, #"{"a":1,"b":2,"c":3}"#] {
            #expect(try accepts(text, shape, tokens), "\(text)")
        }
        for text in ["{}", #"{"a":1}"#, #"{"b":1,"a":2}"#, #"{"b":1,"d":2}"#, #"{"b":1,}"#, #"{ "b":1}"#, #"{"b":1,"b":2}"#, #"{"b":""}"#] {
            #expect(try !accepts(text, shape, tokens), "\(text)")
        }
        shape.root = shape.add(.object(JSONObjectShape(properties: properties, additional: number)))
        for text in [#"{"b":1,"d":2}"#, #"{"b":1,"":2,"ab":3}"#, #"{"a":1,"b":2,"c":3,"é":4}"#] {
            #expect(try accepts(text, shape, tokens), "\(text)")
        }
        for text in [#"{"b":1,"a":2}"#, #"{"b":1,"d":2,"d":3}"#, #"{"b":1,"c":2,"b":3}"#, #"{"d":2,"b":1}"#] {
            #expect(try !accepts(text, shape, tokens), "\(text)")
        }
    }

    @Test("arrays keep their bounds, choices may begin alike, and texts may begin one another")
    func arraysAndChoices() throws {
        let tokens = try ToyTokens()
        var shape = JSONShape()
        let texts = shape.add(.literals(["1", "12", "123", "\"1\""].map { Array($0.utf8) }))
        let list = shape.add(.array(JSONArrayShape(items: texts, minimum: 1, maximum: 2)))
        shape.root = shape.add(.choice([list, texts]))
        for text in ["1", "12", "123", "\"1\"", "[1]", "[12,123]", "[\"1\",1]"] { #expect(try accepts(text, shape, tokens), "\(text)") }
        for text in ["", "13", "1234", "[]", "[1,1,1]", "[1,]", "[1", "[[1]]"] { #expect(try !accepts(text, shape, tokens), "\(text)") }
    }

    @Test("a shape may hold itself; one that can never end, or is a choice of itself, is refused")
    func recursion() throws {
        let tokens = try ToyTokens()
        var tree = JSONShape()
        let node = tree.add(.choice([]))
        let list = tree.add(.array(JSONArrayShape(items: node)))
        tree.nodes[node] = .choice([list])
        #expect(try accepts("[[],[[]]]", tree, tokens))
        var endless = JSONShape()
        let inner = endless.add(.choice([]))
        endless.nodes[inner] = .choice([endless.add(.array(JSONArrayShape(items: inner, minimum: 1)))])
        #expect(throws: ConstraintError.noValue) { try OutputConstraint(shape: endless, vocabulary: tokens.vocabulary) }
        var circle = JSONShape()
        let first = circle.add(.choice([]))
        let word = circle.add(.literals([Array("null".utf8)]))
        circle.nodes[first] = .choice([word, circle.add(.choice([first]))])
        #expect(throws: ConstraintError.endlessChoice) { try OutputConstraint(shape: circle, vocabulary: tokens.vocabulary) }
    }

    @Test("choices within choices cost nothing however they are nested, and too many are refused")
    func nestedChoices() throws {
        let tokens = try ToyTokens()
        // Two ways at each of 60 levels to one word: 2^60 paths.
        var ladder = JSONShape()
        var node = ladder.add(.literals([Array("null".utf8)]))
        for _ in 0..<60 { node = ladder.add(.choice([node, node])) }
        ladder.root = node
        #expect(try accepts("null", ladder, tokens))
        // A long chain of references.
        var chain = JSONShape()
        var last = chain.add(.string(JSONStringLimits()))
        for _ in 0..<9_000 { last = chain.add(.choice([last])) }
        chain.root = last
        #expect(try accepts("\"a\"", chain, tokens))
        var triangle = JSONShape()
        var rest = triangle.add(.literals([Array("0".utf8)]))
        for index in 1..<1_000 { rest = triangle.add(.choice([rest, triangle.add(.literals([Array("\(index)".utf8)]))])) }
        triangle.root = rest
        #expect(throws: ConstraintError.tooManyChoices) { try OutputConstraint(shape: triangle, vocabulary: tokens.vocabulary) }
    }

    @Test("nothing is nested too deep, and what must be is refused")
    func depth() throws {
        let tokens = try ToyTokens()
        var tree = JSONShape()
        let node = tree.add(.choice([]))
        tree.nodes[node] = .choice([tree.add(.array(JSONArrayShape(items: node)))])
        let most = JSONShape.maximumDepth
        #expect(try accepts(String(repeating: "[", count: most) + String(repeating: "]", count: most), tree, tokens))
        #expect(try !accepts(String(repeating: "[", count: most + 1) + String(repeating: "]", count: most + 1), tree, tokens))
        // Where two levels always come together, the last one that fits is even.
        var pairs = JSONShape()
        let outer = pairs.add(.choice([]))
        let inner = pairs.add(.array(JSONArrayShape(items: outer)))
        pairs.nodes[outer] = .choice([pairs.add(.array(JSONArrayShape(items: inner, minimum: 1, maximum: 1)))])
        var matcher = ConstraintMatcher(try OutputConstraint(shape: pairs, vocabulary: tokens.vocabulary))
        var depth = 0
        while matcher.advance([UInt8(ascii: "[")]) { depth += 1 }
        #expect(depth == most)
        let closes = matcher.advance([UInt8](repeating: UInt8(ascii: "]"), count: most))
        #expect(closes && matcher.isFinished)
        var deep = JSONShape()
        var last = deep.add(.literals([Array("0".utf8)]))
        for _ in 0...most { last = deep.add(.array(JSONArrayShape(items: last, minimum: 1))) }
        deep.root = last
        #expect(throws: ConstraintError.tooDeep) { try OutputConstraint(shape: deep, vocabulary: tokens.vocabulary) }
    }

    @Test("at the greatest depth no name is offered whose value would be too deep")
    func namesAtTheGreatestDepth() throws {
        let tokens = try ToyTokens()
        for isDeclared in [true, false] {
            var shape = JSONShape()
            let node = shape.add(.choice([]))
            let property = JSONObjectShape.Property(name: Array("a".utf8), value: node, isRequired: false)
            let object = isDeclared ? JSONObjectShape(properties: [property]) : JSONObjectShape(additional: node)
            shape.nodes[node] = .choice([shape.add(.object(object))])
            var matcher = ConstraintMatcher(try OutputConstraint(shape: shape, vocabulary: tokens.vocabulary))
            for depth in 1...JSONShape.maximumDepth {
                let opens = matcher.advance([UInt8(ascii: "{")])
                #expect(opens)
                let mask = matcher.allowedTokens(remaining: 10_000)
                #expect(mask.contains(Int(UInt8(ascii: "\""))) == (depth < JSONShape.maximumDepth) && mask.contains(Int(UInt8(ascii: "}"))))
                if depth < JSONShape.maximumDepth { _ = matcher.advance(Array(#""a":"#.utf8)) }
            }
        }
    }

    @Test("a name that is taken is left by another letter, or not begun, be it as long as names may be or the tokens few")
    func takenNames() throws {
        let tokens = try ToyTokens()
        for length in [1, 3, 128] {
            var shape = JSONShape()
            let one = shape.add(.literals([Array("1".utf8)]))
            let name = String(repeating: "a", count: length)
            let property = JSONObjectShape.Property(name: Array(name.utf8), value: one, isRequired: true)
            shape.root = shape.add(.object(JSONObjectShape(properties: [property], additional: one)))
            var matcher = ConstraintMatcher(try OutputConstraint(shape: shape, vocabulary: tokens.vocabulary))
            let begins = matcher.advance(Array((#"{"\#(name)":1,""# + name.dropLast()).utf8))
            #expect(begins)
            // A letter, the quote, the colon, the value and the brace.
            let tight = matcher.allowedTokens(remaining: 5)
            #expect(!tight.contains(Int(UInt8(ascii: "a"))) && !tight.isEmpty)
            let ample = matcher.allowedTokens(remaining: 50)
            #expect(ample.contains(Int(UInt8(ascii: "a"))) == (length < 128))
            #expect(ample.contains(Int(UInt8(ascii: "b"))) == (length < 128))
            #expect(!ample.isEmpty)
        }
    }

    @Test("many variants that begin alike stay possible, with a string open in all of them")
    func variants() throws {
        let tokens = try ToyTokens()
        var shape = JSONShape()
        let name = shape.add(.string(JSONStringLimits()))
        var nodes: [Int] = []
        for index in 0..<40 {
            let kind = shape.add(.literals([Array("\(index)".utf8)]))
            let properties = [("name", name), ("kind", kind)].map {
                JSONObjectShape.Property(name: Array($0.0.utf8), value: $0.1, isRequired: true)
            }
            nodes.append(shape.add(.object(JSONObjectShape(properties: properties))))
        }
        shape.root = shape.add(.choice(nodes))
        for index in [0, 17, 39] { #expect(try accepts(#"{"name":"abc","kind":\#(index)}"#, shape, tokens)) }
        #expect(try !accepts(#"{"name":"abc","kind":40}"#, shape, tokens))
    }

    @Test("many variants of objects of many optional properties take no time to begin")
    func crowdedVariants() throws {
        // Hundredths of a second; half a minute where each variant's properties are all open at once.
        let start = ContinuousClock.now
        let tokens = try ToyTokens()
        var shape = JSONShape()
        let null = shape.add(.literals([Array("null".utf8)]))
        let properties = (0..<8000).map { JSONObjectShape.Property(name: Array("p\($0)".utf8), value: null, isRequired: false) }
        let inner = shape.add(.object(JSONObjectShape(properties: properties)))
        let outer = JSONObjectShape(properties: [.init(name: Array("a".utf8), value: inner, isRequired: true)])
        let variants = (0..<500).map { _ in shape.add(.object(outer)) }
        shape.root = shape.add(.choice(variants))
        var matcher = try matcher(shape, tokens)
        for text in [#"{"a":"#, "{"] {
            let (isTaken, mask) = (matcher.advance(Array(text.utf8)), matcher.allowedTokens(remaining: 100))
            #expect(isTaken && !mask.isEmpty)
        }
        let isTaken = matcher.advance(Array("}}".utf8))
        #expect(isTaken && matcher.isComplete)
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test("the fewest tokens are told, and with one fewer no token is allowed")
    func minimumTokens() throws {
        let tokens = try ToyTokens()
        // null; 6 letters in runs of up to 5 ("false" is one), with quotes; four digits.
        #expect(try OutputConstraint(shape: shape(.literals([Array("null".utf8)])), vocabulary: tokens.vocabulary).minimumTokens == 1)
        #expect(try OutputConstraint(shape: shape(.string(JSONStringLimits(minimum: 6))), vocabulary: tokens.vocabulary).minimumTokens == 4)
        #expect(
            try OutputConstraint(shape: shape(.number(JSONNumberLimits(minimum: 1000))), vocabulary: tokens.vocabulary).minimumTokens == 4
        )
        // Without pieces that span a quote, the bound is what it takes: three pairs of letters and the quotes.
        let pairs = try ToyTokens(["ab"], partial: [])
        var matcher = try matcher(shape(.string(JSONStringLimits(minimum: 6))), pairs)
        #expect(matcher.cost == 5)
        let (few, enough) = (matcher.allowedTokens(remaining: 4), matcher.allowedTokens(remaining: 5))
        #expect(few.isEmpty && !enough.isEmpty)
    }

    @Test("nested values of any kind are bounded in depth")
    func freeDepth() throws {
        let tokens = try ToyTokens()
        var shape = JSONShape()
        shape.root = shape.addAny().value
        let depth = JSONShape.freeDepth
        #expect(try accepts(String(repeating: "[", count: depth) + String(repeating: "]", count: depth), shape, tokens))
        #expect(try !accepts(String(repeating: "[", count: depth + 1) + String(repeating: "]", count: depth + 1), shape, tokens))
        #expect(try accepts(#"{"a":[1,"x",{"b":null}],"c":-2.5e3}"#, shape, tokens))
    }

    @Test("a vocabulary without a character that JSON needs is refused")
    func missingCharacter() throws {
        let tokens = try ToyTokens()
        #expect(throws: ConstraintError.noToken(UInt8(ascii: "{"))) { try TokenVocabulary(tokens.tokenizer, count: Int(UInt8(ascii: "{"))) }
    }
}
