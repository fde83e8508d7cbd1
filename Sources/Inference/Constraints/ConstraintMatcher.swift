/// Follows one sequence's text through a constraint: what was generated, and what may come next.
///
/// The text may be read in several ways at once, such as where the members of a choice begin alike; each is a thread.
package struct ConstraintMatcher {
    private let constraint: OutputConstraint
    private let grammar: MatcherGrammar
    private var threads: [MatcherThread]
    /// What may come next from threads that were met before, where nothing bounds it, with the tokens that must be left for it.
    private var masks: [[MatcherThread]: (mask: TokenMask, needed: Int)] = [:]

    /// So many masks are kept.
    private static let maximumMasks = 64

    /// Starts with no text.
    package init(_ constraint: OutputConstraint) {
        self.constraint = constraint
        grammar = MatcherGrammar(constraint)
        threads = grammar.start
    }

    /// Whether the text so far is a whole value.
    package var isComplete: Bool {
        threads.contains { grammar.isComplete($0) }
    }

    /// Whether the text is whole and nothing can follow.
    package var isFinished: Bool {
        threads.allSatisfy { $0.frame == .done }
    }

    /// How many tokens are needed at most to make the text whole.
    package var cost: Int {
        threads.map(\.cost).min() ?? TokenCost.none
    }

    /// Takes the next bytes.
    ///
    /// - Returns: false where they cannot come next; the text then stays as it was.
    package mutating func advance(_ bytes: [UInt8]) -> Bool {
        var next = threads
        for byte in bytes {
            next = grammar.reading(byte, next)
            if next.isEmpty { return false }
        }
        threads = next
        return true
    }

    /// The tokens that may come next, an end among them where the text is whole.
    ///
    /// - Parameter remaining: how many tokens may come, this one included.
    package mutating func allowedTokens(remaining: Int) -> TokenMask {
        if let known = masks[threads], known.needed < remaining { return known.mask }
        let (mask, needed) = computeMask(remaining: remaining)
        if needed < remaining {
            if masks.count >= Self.maximumMasks { masks.removeAll(keepingCapacity: true) }
            masks[threads] = (mask, needed)
        }
        return mask
    }

    // MARK: Masks

    /// - Returns: the mask, and how many tokens the most expensive way needs behind its first token; `remaining` or more where one was left out for it.
    private func computeMask(remaining: Int) -> (TokenMask, needed: Int) {
        let vocabulary = constraint.vocabulary
        var mask = TokenMask(count: vocabulary.count)
        var needed = 0
        let within = threads.filter { grammar.takesPlainTokens($0) }
        for thread in within { addPlain(thread, remaining, &mask, &needed) }
        walk(vocabulary.others, within, remaining, &mask, &needed)
        walk(vocabulary.all, threads.filter { !grammar.takesPlainTokens($0) }, remaining, &mask, &needed)
        if isComplete { mask.formUnion(vocabulary.ends) }
        return (mask, needed)
    }

    /// Adds the plain tokens that may go on with a string.
    private func addPlain(_ thread: MatcherThread, _ remaining: Int, _ mask: inout TokenMask, _ needed: inout Int) {
        if grammar.isUnbounded(thread) {
            let cost = grammar.costBehindPlainToken(thread, length: 1) ?? TokenCost.none
            needed = max(needed, cost)
            if cost < remaining { mask.formUnion(constraint.vocabulary.plainMask) }
            if cost < remaining || !grammar.hasMinimum(thread) { return }
        }
        var own = TokenMask(count: constraint.vocabulary.count)
        var most = 0
        for plain in constraint.vocabulary.plain {
            guard let cost = grammar.costBehindPlainToken(thread, length: plain.length) else { break }
            most = max(most, cost)
            if cost < remaining { own.formUnion(plain.tokens) }
        }
        // Behind a name that is taken one more token is needed.
        let endings = grammar.takenEndings(thread)
        if !endings.isEmpty {
            most += 1
            if most >= remaining { for ending in endings { own.remove(constraint.vocabulary.all.tokens(spelling: ending)) } }
        }
        needed = max(needed, most)
        mask.formUnion(own)
    }

    /// Adds the tokens of a trie that may come next.
    private func walk(_ trie: TokenTrie, _ threads: [MatcherThread], _ remaining: Int, _ mask: inout TokenMask, _ needed: inout Int) {
        guard !threads.isEmpty else { return }
        // The threads before each depth.
        var path: [[MatcherThread]] = [threads]
        var index = 0
        while index < trie.nodes.count {
            let node = trie.nodes[index]
            path.removeSubrange((Int(node.depth) + 1)...)
            let next = grammar.reading(node.byte, path[Int(node.depth)])
            guard !next.isEmpty else {
                index = Int(node.end)
                continue
            }
            if node.tokenCount > 0, let cost = next.lazy.filter({ grammar.mayStop($0) }).map(\.cost).min() {
                needed = max(needed, cost)
                if cost < remaining {
                    for place in Int(node.firstToken)..<Int(node.firstToken + node.tokenCount) { mask.insert(Int(trie.tokens[place])) }
                }
            }
            path.append(next)
            index += 1
        }
    }
}
