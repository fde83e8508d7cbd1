import Compute
import ModelFiles

/// A learned value function V(h): a multilayer perceptron with ReLU between its layers, from a hidden state to one number.
///
/// RE-Control (arXiv:2406.05954, section 4) trains it on a frozen model's hidden states so that V(h) predicts the reward of the response
/// that a state leads to.
public struct ValueFunction: Sendable {
    /// The width of the hidden states it reads.
    public let hiddenSize: Int
    /// Free text of the file: `model`, `model_sha256`, `reward`, any key of ``ControlSettings``, and what training measured.
    public let metadata: [String: String]
    /// SHA-256 of all parameters: two value functions with the same one compute the same.
    public let parameterDigest: SHA256Digest
    let layers: [DenseLayer]

    /// Two value functions with the same one steer and judge alike: all parameters and, where it is another than `final_norm`, the site.
    public var identity: String {
        site == .finalNorm ? parameterDigest.hex : "\(parameterDigest.hex) \(site)"
    }

    /// The number of weight matrices: 2 for fc1 and fc3.
    public var layerCount: Int {
        layers.count
    }

    /// The number of units of each layer but the last, in order.
    public var layerWidths: [Int] {
        layers.dropLast().map(\.rows)
    }

    /// Where in the model the states are taken, and moved.
    public let site: HiddenStateSite

    /// The SHA-256 of the model file it was trained on, in hexadecimal digits; nil where the file does not say.
    public var modelSHA256: String? {
        metadata["model_sha256"].flatMap { $0.isEmpty ? nil : $0.word.lowercased() }
    }

    /// The file format's name.
    public static let format = "rudder.value-function.v1"

    /// Makes a value function of layers whose shapes belong together.
    ///
    /// - Parameters:
    ///   - layers: from the first to the last, which has one output.
    ///   - metadata: free text; a `site` in it must be one.
    /// - Throws: ``ValueFunctionError``
    init(layers: [DenseLayer], metadata: [String: String]) throws(ValueFunctionError) {
        guard let first = layers.first else { throw .missingTensor("fc1.weight") }
        let siteName = metadata["site"] ?? HiddenStateSite.finalNorm.description
        guard let site = HiddenStateSite(siteName) else {
            throw .badMetadata(key: "site", found: siteName, expected: HiddenStateSite.expected)
        }
        self.site = site
        var bytes: [UInt8] = []
        for layer in layers {
            withUnsafeBytes(of: Int64(layer.rows).littleEndian) { bytes += $0 }
            withUnsafeBytes(of: Int64(layer.columns).littleEndian) { bytes += $0 }
            layer.weight.floats.withUnsafeBytes { bytes += $0 }
            bytes += UnsafeRawBufferPointer(layer.bias.values)
        }
        do { parameterDigest = try SHA256Digest.of(bytes) } catch { throw .file(error) }
        self.layers = layers
        self.metadata = metadata
        hiddenSize = first.columns
    }

    /// V(h), computed plainly.
    ///
    /// - Parameter hidden: a state of ``hiddenSize`` values.
    public func value(of hidden: [Float]) -> Float {
        precondition(hidden.count == hiddenSize, "a state of another width")
        var x = hidden
        for (index, layer) in layers.enumerated() {
            var y = [Float](repeating: 0, count: layer.rows)
            layer.weight.rows.multiply(x, into: &y)
            for (row, bias) in layer.bias.values.enumerated() { y[row] += bias }
            x = index + 1 < layers.count ? y.map { max($0, 0) } : y
        }
        return x[0]
    }
}
