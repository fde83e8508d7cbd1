/// How many tokens of prompts a worker took in, and how many of them were in its cache already.
struct PrefixTotals: Sendable, Equatable {
    var promptTokens = 0
    var cachedTokens = 0
}
