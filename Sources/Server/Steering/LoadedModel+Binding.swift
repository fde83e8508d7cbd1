import Inference

extension LoadedModel {
    /// What the matching of value functions to models looks at.
    package var bindingModel: HeadBinding.Model {
        HeadBinding.Model(id: id, hiddenSize: configuration.hiddenSize, layerCount: configuration.layerCount, sha256: sha256)
    }
}
