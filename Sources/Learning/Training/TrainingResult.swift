import Foundation
import ModelFiles

/// A trained head, and how it came about.
public struct TrainingResult: Sendable {
    /// The head.
    public let head: TrainedHead
    /// What its file says of it.
    public let metadata: [String: String]
    /// How it was trained.
    public let options: TrainingOptions
    /// What each epoch brought.
    public let reports: [EpochReport]
    /// Which epoch's parameters the head has, from 1.
    public let bestEpoch: Int
    /// How the gradient was corrected; nil where it was not.
    var correction: AdvantageFit?

    /// The result with a corrected head.
    ///
    /// - Parameters:
    ///   - head: the head.
    ///   - fit: how it was corrected.
    ///   - measures: what it says of the validation prompts.
    func corrected(_ head: TrainedHead, fit: AdvantageFit, measures: [(name: String, value: Double)]) -> TrainingResult {
        var metadata = metadata
        for (name, value) in measures { metadata[name] = String(format: "%.4f", value) }
        metadata["advantage_ridge"] = fit.ridge.map { "\($0)" } ?? "none"
        metadata["advantage_scale"] = String(format: "%.4f", fit.scale)
        metadata["advantage_gain"] = String(format: "%.4f", fit.gain)
        metadata["advantage_gain_before"] = String(format: "%.4f", fit.gainBefore)
        var result = TrainingResult(head: head, metadata: metadata, options: options, reports: reports, bestEpoch: bestEpoch)
        result.correction = fit
        return result
    }

    private struct Record: Encodable {
        let metadata: [String: String]
        let options: TrainingOptions
        let bestEpoch: Int
        let epochs: [EpochReport]
        let advantages: [AdvantageFit.Trial]?

        private enum CodingKeys: String, CodingKey {
            case metadata, options, epochs, advantages
            case bestEpoch = "best_epoch"
        }
    }

    /// Writes the head as `NAME.safetensors`, the record `training.json` and the picture `training.svg`, each whole or not at all.
    ///
    /// - Throws: `ModelFileError`
    public func write(folder: String, name: String) throws {
        try OutputFolder.make(folder)
        try AtomicFile.replace("\(folder)/training.svg", with: Array(picture.utf8))
        let record = Record(metadata: metadata, options: options, bestEpoch: bestEpoch, epochs: reports, advantages: correction?.trials)
        try AtomicFile.replace("\(folder)/training.json", with: try JSONDocument.bytes(record))
        try AtomicFile.replace("\(folder)/\(name).safetensors", with: try head.encoded(metadata: metadata))
    }

    /// The learning curve.
    public var picture: String {
        let epochs = reports.map { Double($0.epoch) }
        var chart = LineChart(title: "Learning curve", horizontal: "epoch", vertical: "loss; explained variance; correlation")
        chart.add("training loss", zip(epochs, reports.map(\.trainingLoss)).map { LineChart.Point(x: $0, y: $1) })
        chart.add("validation loss", zip(epochs, reports.map(\.validationLoss)).map { LineChart.Point(x: $0, y: $1) })
        for (key, name) in [
            ("explained_variance", "explained variance"), ("accuracy", "accuracy"), ("spearman_100", "Spearman at the end"),
        ] {
            let points = zip(epochs, reports).compactMap { epoch, report in
                report.measures[key].map { LineChart.Point(x: epoch, y: $0) }
            }
            if !points.isEmpty { chart.add(name, points) }
        }
        chart.markedX = Double(bestEpoch)
        return chart.svg
    }
}
