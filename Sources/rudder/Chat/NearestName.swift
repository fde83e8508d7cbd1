import Server

/// Finds what was probably meant.
package enum NearestName {
    /// The name that is fewest changes away; nil where none is near.
    package static func of(_ word: String, among names: [String]) -> String? {
        if let longer = names.first(where: { word.utf8.count > 2 && $0.hasPrefix(word) }) { return longer }
        let ranked = names.map { (name: $0, distance: EditDistance.between(word, $0)) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= max(2, word.utf8.count / 3) else { return nil }
        return best.name
    }
}
