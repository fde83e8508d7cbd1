import Inference

/// Numbers prompts by what they say, whatever they are called: what belongs to one prompt stays on one side of a split.
package struct PromptGroups {
    private var numbers: [[[UInt8]]: Int] = [:]

    /// None yet.
    package init() {}

    /// The number of a prompt, from 0 in the order of their coming.
    package mutating func number(of prompt: Prompt) -> Int {
        let key = prompt.messages.flatMap { [Array($0.role.utf8), Array($0.content.utf8)] }
        let number = numbers[key] ?? numbers.count
        numbers[key] = number
        return number
    }

    /// Splits items by their prompts.
    ///
    /// - Parameters:
    ///   - items: what to split.
    ///   - group: the number of an item's prompt.
    ///   - fraction: which part of the prompts is held out to validate with.
    ///   - seed: which of them.
    package static func split<Item>(
        _ items: [Item],
        by group: (Item) -> Int,
        validation fraction: Double,
        seed: UInt64
    ) -> (training: [Item], validation: [Item]) {
        var groups: [Int] = []
        var seen: Set<Int> = []
        for item in items where seen.insert(group(item)).inserted { groups.append(group(item)) }
        var random = RandomSource(seed: seed)
        random.shuffle(&groups)
        let held = Set(groups.prefix(Int((Double(groups.count) * fraction).rounded())))
        return (items.filter { !held.contains(group($0)) }, items.filter { held.contains(group($0)) })
    }
}
