import Control
import Foundation
import ModelFiles

/// What a folder of rollouts is of: the file `rollouts.json`.
public struct RolloutManifest: Sendable, Codable, Equatable {
    static let format = "rudder.rollouts.v1"
    static let fileName = "rollouts.json"

    /// Names the format.
    public var format = RolloutManifest.format
    /// The model's name.
    public var model: String
    /// The model file's SHA-256.
    public var modelSHA256: String
    /// How many numbers a state has.
    public var hiddenSize: Int
    /// Where in the model the states are from.
    public var site: String
    /// The prompts' SHA-256, as they were read.
    public var promptsSHA256: String
    /// How many prompts there are.
    public var promptCount: Int
    /// How they are sampled.
    public var options: RolloutOptions

    /// What steered them: the heads' parameters and the settings; nil for the model's own answers.
    public var controlIdentity: String?

    private enum CodingKeys: String, CodingKey {
        case format, model, site, options
        case modelSHA256 = "model_sha256"
        case hiddenSize = "hidden_size"
        case promptsSHA256 = "prompts_sha256"
        case promptCount = "prompts"
        case controlIdentity = "control_identity"
    }

    /// Describes a run.
    init(
        model: String,
        modelSHA256: String,
        hiddenSize: Int,
        site: HiddenStateSite,
        prompts: some PromptList,
        options: RolloutOptions
    ) throws {
        self.model = model
        self.modelSHA256 = modelSHA256
        self.hiddenSize = hiddenSize
        self.site = site.description
        self.options = options
        promptCount = prompts.count
        promptsSHA256 = try prompts.fingerprint()
    }

    /// How many rollouts there will be.
    public var rolloutCount: Int {
        promptCount * options.samples
    }

    /// Reads a folder's manifest; nil where it has none.
    static func read(folder: String) throws(LineError) -> RolloutManifest? {
        let path = folder + "/" + fileName
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        var found: RolloutManifest?
        do throws(LineError) {
            // It is one line, as every other file of the folder is made of lines.
            try JSONLines.read(path) { (manifest: RolloutManifest, _) throws(LineError) in found = manifest }
        } catch {
            throw error.advising(RolloutError.anew)
        }
        guard let found, found.format == format else {
            throw LineError(
                path: path,
                line: nil,
                reason: "does not describe rollouts in the format \(format)",
                nextStep: RolloutError.anew
            )
        }
        return found
    }

    /// The first key in which another run differs, and how; nil where both are the same.
    func difference(from other: RolloutManifest) -> String? {
        let pairs: [(String, String, String)] = [
            ("the model", modelSHA256, other.modelSHA256),
            ("the site", site, other.site),
            ("the prompts", promptsSHA256, other.promptsSHA256),
            ("samples", "\(options.samples)", "\(other.options.samples)"),
            ("max-tokens", "\(options.maximumTokens)", "\(other.options.maximumTokens)"),
            ("temperature", "\(options.temperature)", "\(other.options.temperature)"),
            ("top-p", "\(options.topP)", "\(other.options.topP)"),
            ("seed", "\(options.seed)", "\(other.options.seed)"),
            ("raw", "\(options.isRaw)", "\(other.options.isRaw)"),
            ("control", options.control ?? "none", other.options.control ?? "none"),
            ("what steers", controlIdentity ?? "nothing", other.controlIdentity ?? "nothing"),
        ]
        return pairs.first { $0.1 != $0.2 }.map { "\($0.0): \($0.1) there, \($0.2) asked for" }
    }
}
