import Foundation

/// A reward as a program or a file writes it: a number, or an object whose `reward` is one.
enum RewardLine {
    private struct Labelled: Decodable {
        let reward: Double
        let index: Int?
    }

    /// The number, and the index where there is one; nil where the line has no finite number.
    static func parse(_ line: String) -> (reward: Double, index: Int?)? {
        let text = line.trimmingCharacters(in: .whitespaces)
        if let number = Double(text) { return number.isFinite ? (number, nil) : nil }
        guard let found = try? JSONDecoder().decode(Labelled.self, from: Data(text.utf8)), found.reward.isFinite else { return nil }
        return (found.reward, found.index)
    }
}
