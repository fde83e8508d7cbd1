import Foundation
import ModelFiles
import Tokenizers
import Transformer

/// What a model's files are, in rows of words.
struct ModelDescription {
    let source: any ModelSource

    /// The whole, a row each.
    var rows: [[String]] {
        var rows = [["format", format]]
        for file in source.files { rows.append(["file", "\(file.path), \(file.bytes.count) bytes"]) }
        rows.append(["architecture", (try? source.string("general.architecture")) ?? "not said"])
        if let name = (try? source.string("general.name")) ?? nil { rows.append(["name", name]) }
        rows.append(["tensors", "\(source.tensors.count), \(parameters) parameters"])
        rows.append(["types", types])
        do {
            let model = try LanguageModel(source: source, packsWeights: false)
            rows += sizes(model.configuration)
            rows.append(["runs here", "yes"])
        } catch {
            rows.append(["runs here", "no: \(error)"])
        }
        return rows + tokenizer
    }

    private var format: String {
        switch source {
        case is HuggingFaceFolder: "Hugging Face folder"
        case let gguf as GGUFFile: "GGUF \(gguf.version)" + (gguf.files.count > 1 ? " in \(gguf.files.count) files" : "")
        default: "another"
        }
    }

    private var parameters: Int {
        source.tensors.values.reduce(0) { $0 &+ $1.shape.reduce(1, &*) }
    }

    /// How many tensors of each type there are, and their bytes.
    private var types: String {
        let byType = Dictionary(grouping: source.tensors.values, by: \.type.rawValue).sorted { $0.key < $1.key }
        return byType.map { "\($1.count) \($0) (\($1.reduce(0) { $0 + $1.bytes.count }) bytes)" }.joined(separator: ", ")
    }

    private func sizes(_ configuration: ModelConfiguration) -> [[String]] {
        [
            ["hidden_size", String(configuration.hiddenSize)],
            ["layers", String(configuration.layerCount)],
            [
                "heads",
                "\(configuration.headCount) of \(configuration.headSize), \(configuration.keyValueHeadCount) of keys and values",
            ],
            ["feed_forward", String(configuration.feedForwardSize)],
            ["context", "\(configuration.contextLength) tokens" + (configuration.slidingWindow.map { ", a window of \($0)" } ?? "")],
            ["vocabulary", String(configuration.vocabularySize)],
        ]
    }

    private var tokenizer: [[String]] {
        do {
            let files = try TokenizerFiles(source: source)
            let tokenizer = files.tokenizer
            func text(_ token: TokenID?) -> String {
                token.map { "\($0) \(tokenizer.tokenText($0).debugDescription)" } ?? "none"
            }
            var rows = [
                ["tokenizer", "\(tokenizer.vocabularySize) tokens"], ["beginning", text(tokenizer.beginningOfSequence)],
                ["end", text(tokenizer.endOfSequence)],
            ]
            do {
                rows.append(["chat template", try files.chatTemplate.map { try ChatTemplate(source: $0) } == nil ? "none" : "yes"])
            } catch {
                rows.append(["chat template", "not usable: \(error)"])
            }
            return rows
        } catch {
            return [["tokenizer", "not usable: \(error)"]]
        }
    }

    /// The metadata, long arrays by their length alone.
    var metadata: [[String]] {
        get throws {
            try source.keys.map { [$0, try source.value($0).map { Self.text($0) } ?? ""] }
        }
    }

    /// The tensors in the order of their places.
    var tensors: [[String]] {
        source.tensors.values.sorted { ($0.file, $0.bytes.lowerBound) < ($1.file, $1.bytes.lowerBound) }
            .map { [$0.name, $0.type.rawValue, "\($0.shape)"] }
    }

    private static func text(_ value: MetadataValue) -> String {
        switch value {
        case .unsigned(let value): return String(value)
        case .signed(let value): return String(value)
        case .float(let value): return String(value)
        case .bool(let value): return String(value)
        case .string(let bytes):
            let text = String(decoding: bytes, as: UTF8.self).debugDescription
            return text.count > 100 ? "\(text.prefix(100))… (\(bytes.count) bytes)" : text
        case .array(let values):
            return values.count > 12 ? "an array of \(values.count)" : "[" + values.map { text($0) }.joined(separator: ", ") + "]"
        }
    }
}
