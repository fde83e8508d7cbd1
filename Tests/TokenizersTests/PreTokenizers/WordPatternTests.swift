import TestSupport
import Testing
import Tokenizers

@Suite("Regular expressions of pre-tokenizers")
struct WordPatternTests {
    private func cut(_ text: String, _ expressions: String...) throws -> [String] {
        let bytes = Array(text.utf8)
        return try PreTokenizer(regularExpressions: expressions).words(bytes).map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    @Test("matches are words, and so is what lies between them")
    func gaps() throws {
        #expect(try cut("ab12cd3", #"\d+"#) == ["ab", "12", "cd", "3"])
        #expect(try cut("ab12cd3") == ["ab12cd3"])
        #expect(try cut("", #"\d+"#).isEmpty)
    }

    @Test("each expression cuts the words that the one before left")
    func sequence() throws {
        #expect(try cut("a1b22c", #"\d+"#, "[a-z]", "2") == ["a", "1", "b", "2", "2", "c"])
        // Looked at alone, each word ends where the text ends.
        #expect(try cut("ab  1", "b  ", #"\s+$"#) == ["a", "b", "  ", "1"])
    }

    @Test("the first alternative that matches counts, and a run gives back what the rest needs")
    func backtracking() throws {
        #expect(try cut("aab", "a|aa|b") == ["a", "a", "b"])
        #expect(try cut("aaab", "a*ab") == ["aaab"])
        #expect(try cut("aaac", "a{1,2}ac|[^x]") == ["aaac"])
        #expect(try cut("   x", #"\s+(?!\S)|\s+"#) == ["  ", " ", "x"])
        #expect(try cut("xaaa", "a++a|x") == ["x", "aaa"])
        #expect(try cut("ab", "a(?=b)|b(?=a)") == ["a", "b"])
        #expect(try cut("baabc", "a*bc") == ["b", "aabc"])
        #expect(try cut("xaab", "[xa]+ab") == ["xaab"])
    }

    @Test("groups may be optional, and may ignore case as Unicode does")
    func groups() throws {
        #expect(try cut("itsit'Sit", "it(?i:'s)?") == ["it", "s", "it'S", "it"])
        #expect(try cut("'s'S'ſ'K'K", "(?i:'s|'k)") == ["'s", "'S", "'ſ", "'K", "'K"])
        #expect(try cut("abab", "(a(b))") == ["ab", "ab"])
    }

    @Test("sets hold scalars, ranges, categories, other sets, and their intersections")
    func sets() throws {
        #expect(try cut("a-b]c", #"[\]\-]"#) == ["a", "-", "b", "]", "c"])
        #expect(try cut("a-b", "[a-]+") == ["a-", "b"])
        #expect(try cut("aA中1", #"[\p{L}&&[^\p{Han}]]+"#) == ["aA", "中1"])
        #expect(try cut("aA中1", #"[^\p{Lu}\d]+"#) == ["a", "A", "中", "1"])
        #expect(try cut("a\u{1f642}b", #"[\x{1f600}-\x{1f64f}]|\u0062"#) == ["a", "\u{1f642}", "b"])
        #expect(try cut("a b", #"\P{L}"#) == ["a", " ", "b"])
        #expect(try cut("a b", #"\p{^L}"#) == ["a", " ", "b"])
    }

    @Test(
        "an expression that looks at long runs again and again gives up, and what is left is one word",
        .timeLimit(.minutes(1)),
        arguments: [#"\p{L}+|\s+\p{N}"#, #"\s+\p{N}|[ ]*[\r\n]+"#, #"\p{L}+1|x"#, "[ab]+[abc]*d", "[ab]+(?:[abc]+d|[abc]+e)"]
    )
    func quadratic(expression: String) throws {
        for letter in [" ", "a"] {
            let text = "x1 " + String(repeating: letter, count: 500_000)
            let words = try cut(text, expression)
            #expect(words.joined() == text && words.count < 500_000)
        }
    }

    @Test("an expression that tries very many ways gives up, however short the text and however many there are", .timeLimit(.minutes(1)))
    func manyWays() throws {
        let ways = "a" + String(repeating: "(?:" + String(repeating: "|", count: 40) + ")", count: 11) + "(?=b)"
        #expect(try cut("aa", ways) == ["aa"])
        #expect(try cut("ab", ways) == ["a", "b"])
        let short = String(repeating: "a{0,9}", count: 12) + "x"
        let texts = String(repeating: "a", count: 1_000_000)
        let words = try PreTokenizer(regularExpressions: ["a{20}", short]).words(Array(texts.utf8))
        #expect(words.count == 50_000)
    }

    @Test("all words that an expression before left have their steps together")
    func sharedSteps() throws {
        // Each of them is worth fewer steps than its end takes to be found, but for those that a text of its own would have.
        let word = String(repeating: "a", count: 10) + "y"
        let expression = String(repeating: "a{0,9}", count: 4) + "x|y"
        #expect(try cut(word, ",", expression) == [String(repeating: "a", count: 10), "y"])
        let words = try cut(String(repeating: word + ",", count: 2000), ",", expression)
        #expect(words.count > 2 * 2000 && words.count < 3 * 2000 && words[1] == "y" && words[words.count - 2] == word)
    }

    @Test("an expression of very many words finds each of them")
    func manyAlternatives() throws {
        let words = (0..<600).map { "word\($0)x" }
        let last = Array(words.suffix(200))
        #expect(try cut(last.joined(), words.joined(separator: "|")) == last)
    }

    @Test(
        "what is not supported, or no expression, is refused with its place",
        arguments: [
            "(?:ab)+", "(?<=a)b", "(?<!a)b", "(?=ab)c", "a**", "a+?", "a{2,1}", "a{0}b", "a{99999}", "(a", "a)", "[a", "[z-a]", #"\w+"#,
            #"\b"#, #"\"#,
            #"\p{Klingon}"#, #"\pL"#, "^a", ".", "[[:alpha:]]", "a*", "a|", "", #"\u12"#, #"\x{110000}"#, #"\x{}"#, "a?$", "a*a*a*b",
            String(repeating: "(a?)?", count: 40) + "b", String(repeating: "a?", count: 4000) + "b", String(repeating: "a", count: 9000),
            String(repeating: "(", count: 40), String(repeating: "[", count: 40),
        ]
    )
    func refusals(expression: String) {
        let error = #expect(throws: PatternError.self) { try PreTokenizer(regularExpressions: [expression]) }
        #expect(error.map { $0.description.contains("at character ") } == true)
    }
}
