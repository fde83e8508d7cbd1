import Control
import ModelFiles

/// Which of the loaded models a value function may steer.
///
/// By its site: the model must have states of the width that it reads there. By checksum: where a loaded model's file is the one it was trained on,
/// it steers that model only; else every model of its width, with a warning if it names a checksum.
package struct HeadBinding: Sendable, Equatable {
    /// What binding looks at in a model.
    package struct Model: Sendable, Equatable {
        package var id: String
        package var hiddenSize: Int
        package var layerCount: Int
        /// Nil while it is being computed.
        package var sha256: String?

        package init(id: String, hiddenSize: Int, layerCount: Int, sha256: String?) {
            self.id = id
            self.hiddenSize = hiddenSize
            self.layerCount = layerCount
            self.sha256 = sha256
        }
    }

    /// The ids of the models it may steer.
    package let models: [String]
    /// Why a model's results may not be what training promised; nil where all is well.
    package let warning: String?

    private init(models: [String], warning: String?) {
        self.models = models
        self.warning = warning
    }

    /// What is left of a value function that steers no more.
    package static let quarantined = HeadBinding(
        models: [],
        warning: "It is quarantined and steers no model: its control was not finite again and again."
    )

    package init(hiddenSize: Int, site: HiddenStateSite, sha256: String?, models: [Model]) {
        let fitting = models.filter { $0.hiddenSize == hiddenSize && site.exists(layerCount: $0.layerCount) }
        guard let sha256 = sha256?.word.lowercased() else {
            self.models = fitting.map(\.id)
            warning = nil
            return
        }
        let trainedOn = fitting.filter { $0.sha256?.lowercased() == sha256 }
        if !trainedOn.isEmpty {
            self.models = trainedOn.map(\.id)
            warning = nil
        } else {
            self.models = fitting.map(\.id)
            // A checksum still being computed is no mismatch.
            let isSettled = fitting.allSatisfy { $0.sha256 != nil }
            warning =
                isSettled && !fitting.isEmpty
                ? "It was trained on a model file with another checksum (\(sha256.prefix(12))…) than any that is loaded." : nil
        }
    }
}
