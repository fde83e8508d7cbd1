import Compute
import Foundation
import ModelFiles
import Synchronization
import Tokenizers
import Transformer

/// A model as it is served: weights, tokenizer and chat template, shared by all of its workers.
public final class LoadedModel: Sendable {
    /// The name that requests use.
    public let id: String
    /// Where the file or folder is.
    public let path: String
    /// The weights and the architecture.
    public let languageModel: LanguageModel
    /// The tokenizer.
    public let tokenizer: Tokenizer
    /// The chat template; nil where the file has none.
    public let chatTemplate: ChatTemplate?
    /// What chat templates may name besides the messages: the texts of special tokens.
    public let templateVariables: [String: TemplateValue]
    /// The longest sequence that is served, in tokens.
    public let contextLength: Int
    /// The files of weights.
    private let weightPaths: [String]
    /// Those of them that are still read from.
    private let mappings: [WeightFile]
    /// What became of them.
    private let lost = Mutex<String?>(nil)
    private let digest = Mutex<String?>(nil)

    /// The model's sizes.
    public var configuration: ModelConfiguration {
        languageModel.configuration
    }

    /// The SHA-256 of the files of weights, one behind the other, in hexadecimal digits; nil until it is computed, which
    /// ``load(path:id:context:packsWeights:quantization:)`` starts in the background.
    public var sha256: String? {
        digest.withLock { $0 }
    }

    /// What happened to a file of weights that is still read from, and can never be made good: it was cut short or written to, or its disk cannot be
    /// read. Nil where all are as they were. A file that was replaced under its name is: the model goes on reading the one that it was loaded from.
    public var damage: String? {
        lost.withLock { lost in
            if lost == nil { lost = mappings.lazy.compactMap { $0.file.flatMap(Self.damage) }.first }
            return lost
        }
    }

    private static func damage(of file: MappedFile) -> String? {
        do throws(ModelFileError) {
            try file.checkUnchanged()
        } catch {
            return "\(error)"
        }
        return nil
    }

    /// Computes ``sha256`` now. Blocks while the files are read.
    ///
    /// - Throws: `ModelFileError` where one cannot be read.
    public func computeSHA256() throws -> String {
        let hex = try SHA256Digest.ofFiles(paths: weightPaths).hex
        digest.withLock { $0 = hex }
        return hex
    }

    private init(source: any ModelSource, path: String, id: String, context: Int?, packsWeights: Bool, quantization: WeightQuantization?)
        throws
    {
        languageModel = try LanguageModel(
            source: source,
            context: context,
            packsWeights: packsWeights,
            quantization: quantization
        )
        let parts = try TokenizerFiles(source: source)
        let tokenizer = parts.tokenizer
        chatTemplate = try parts.chatTemplate.map { try ChatTemplate(source: $0) }
        var variables: [String: TemplateValue] = [:]
        for (name, token) in [("bos_token", tokenizer.beginningOfSequence), ("eos_token", tokenizer.endOfSequence)] {
            if let token { variables[name] = .string(String(decoding: tokenizer.bytes(of: token), as: UTF8.self)) }
        }
        templateVariables = variables
        self.tokenizer = tokenizer
        weightPaths = source.files.map(\.path)
        mappings = source.files.map { WeightFile(file: $0) }
        // What was read while it changed is no model.
        for file in source.files { try file.checkUnchanged() }
        self.path = path
        self.id = id
        contextLength = min(context ?? languageModel.configuration.contextLength, languageModel.configuration.contextLength)
    }

    /// Loads a model. Blocks while the header and the vocabulary are read and the weights packed.
    ///
    /// - Parameters:
    ///   - path: a GGUF file, the first of a split one, or a Hugging Face folder.
    ///   - id: the name that requests use.
    ///   - context: the longest sequence to serve; nil for what the model was trained for, which is also the most.
    ///   - packsWeights: whether quantized weights are rearranged for the processor; if not, they are read from the file when they are used.
    ///   - quantization: what floating-point weights become; nil where they stay as they are.
    /// - Throws: `ModelFileError`, `ModelError`, `TokenizerError` or `TemplateError`: what in the files is wrong.
    public static func load(
        path: String,
        id: String,
        context: Int? = nil,
        packsWeights: Bool = true,
        quantization: WeightQuantization? = nil
    ) throws -> LoadedModel {
        let source = try ModelFormat.open(path: path)
        let model = try LoadedModel(
            source: source,
            path: path,
            id: id,
            context: context,
            packsWeights: packsWeights,
            quantization: quantization
        )
        DispatchQueue.global(qos: .utility).async { [weak model] in _ = try? model?.computeSHA256() }
        return model
    }
}
