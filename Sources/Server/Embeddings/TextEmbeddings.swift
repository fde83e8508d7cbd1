import Foundation
import HTTP
import Inference

/// Carries out requests for embeddings: over `/v1/embeddings`, and as lines of batches.
package struct TextEmbeddings: Sendable {
    package let generator: Generator

    package init(generator: Generator) {
        self.generator = generator
    }

    /// Computes the vectors and returns the whole answer's bytes.
    ///
    /// - Parameter waits: Whether a full queue is waited for, and not an error.
    package func document(_ embedding: EmbeddingRequest, waits: Bool = false) async throws -> [UInt8] {
        let model = try generator.model(embedding.model)
        let size = model.configuration.hiddenSize
        guard embedding.dimensions ?? size <= size else {
            throw APIError.invalid("dimensions", "'dimensions' must be at most \(size), which '\(model.id)' has.")
        }
        let inputs = try await PromptInput.encode(embedding.inputs, field: "input", model: model)
        let tokens = inputs.reduce(0) { $0 + $1.tokens.count }
        RequestContext.current?.note(model: model.id, promptTokens: tokens)
        let requests = inputs.map { input in
            var request = GenerationRequest(prompt: input.tokens, maximumTokens: 0)
            request.pooling = embedding.pooling
            return request
        }
        let summaries = try await generator.summaries(of: requests, promptField: "input", model: model, waits: waits)
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("object", "list")
            writer.name("data")
            writer.array { writer in
                for (index, summary) in summaries.enumerated() {
                    writer.object { writer in
                        writer.member("object", "embedding")
                        writer.member("index", index)
                        writer.name("embedding")
                        write(Self.unit(summary.pooledState ?? [], dimensions: embedding.dimensions), embedding.encoding, to: &writer)
                    }
                }
            }
            writer.member("model", model.id)
            writer.name("usage")
            writer.object { writer in
                writer.member("prompt_tokens", tokens)
                writer.member("total_tokens", tokens)
            }
        }
        return writer.bytes
    }

    /// The first numbers of a state, scaled to length 1. A state of zeros stays as it is.
    private static func unit(_ state: [Float], dimensions: Int?) -> [Float] {
        let kept = state.prefix(dimensions ?? state.count)
        let length = kept.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        return length > 0 ? kept.map { Float(Double($0) / length) } : Array(kept)
    }

    private func write(_ vector: [Float], _ encoding: EmbeddingRequest.Encoding, to writer: inout JSONWriter) {
        switch encoding {
        case .float:
            writer.array { writer in
                for number in vector { writer.value(number) }
            }
        case .base64:
            var data = Data(capacity: vector.count * 4)
            for number in vector { withUnsafeBytes(of: number.bitPattern.littleEndian) { data.append(contentsOf: $0) } }
            writer.value(data.base64EncodedString())
        }
    }
}
