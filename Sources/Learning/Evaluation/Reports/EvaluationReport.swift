import Control
import Foundation
import ModelFiles

/// What a comparison came to.
public struct EvaluationReport: Sendable {
    let head: String
    let site: HiddenStateSite
    let model: String
    let settings: ControlSettings
    let plan: EvaluationPlan
    let rewardName: String
    let judgeNames: [String]
    let coherenceName: String?
    let promptCount: Int
    /// A result for each method.
    public let results: [MethodResult]
    /// Results at several strengths.
    public let sweep: [MethodResult]

    /// Writes `results.md`, `results.json` and `sweep.svg`, each whole or not at all.
    ///
    /// - Throws: `ModelFileError`
    public func write(folder: String) throws {
        if !sweep.isEmpty { try AtomicFile.replace("\(folder)/sweep.svg", with: Array(picture.utf8)) }
        try AtomicFile.replace("\(folder)/results.json", with: try JSONDocument.bytes(document))
        try AtomicFile.replace("\(folder)/results.md", with: Array(markdown.utf8))
    }

    /// The base's result.
    var base: MethodResult? {
        results.first { $0.method == .base }
    }

    /// The differences of a method from the base, prompt by prompt, by one judge.
    func gain(_ result: MethodResult, _ judge: String) -> Interval? {
        guard let base, let mine = result.scores[judge], let theirs = base.scores[judge], mine.count == theirs.count else { return nil }
        return Interval(bootstrapping: zip(mine, theirs).map { $0 - $1 })
    }

    /// How often the first judge likes a method's answer better than the base's; a draw counts half.
    func winRate(_ result: MethodResult) -> Interval? {
        guard let judge = judgeNames.first ?? Optional(rewardName), let base, let mine = result.scores[judge],
            let theirs = base.scores[judge]
        else {
            return nil
        }
        return Interval(bootstrapping: zip(mine, theirs).map { $0 > $1 ? 1 : $0 < $1 ? 0 : 0.5 })
    }

    /// Reward against diversity, at every strength and for every method.
    public var picture: String {
        var chart = LineChart(title: "\(head): reward against diversity", horizontal: "diversity", vertical: "reward (\(rewardName))")
        func point(_ result: MethodResult, _ label: String?) -> LineChart.Point {
            LineChart.Point(
                x: Statistics.mean(result.diversity),
                y: Statistics.mean(result.scores[rewardName] ?? []),
                label: label
            )
        }
        for method in [EvaluationMethod.control, .staticEdit] {
            let points = sweep.filter { $0.method == method }.map { point($0, $0.strength.map { "\($0)" }) }
            if !points.isEmpty { chart.add(method.rawValue, points) }
        }
        for result in results where result.method != .control && result.method != .staticEdit {
            chart.add(result.method.rawValue, [point(result, nil)], isLine: false)
        }
        return chart.svg
    }
}
