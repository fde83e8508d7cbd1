import Compute

/// The keys of one model of the configuration, `models.ID.KEY`.
package struct ModelKeys: Sendable {
    package let path: ConfigurationKey<String>
    package let workers: ConfigurationKey<Int>
    package let threads: ConfigurationKey<Int>
    package let context: ConfigurationKey<Int>
    package let keyValueBytes: ConfigurationKey<Int>
    package let packedWeights: ConfigurationKey<Bool>
    package let quantization: ConfigurationKey<WeightQuantization?>

    package init(id: String) {
        // An id may hold dots, so the key's path is put together part by part.
        path = ConfigurationKey(
            path: [ConfigurationSchema.modelsSection, id, "path"],
            default: "",
            expectation: "the path of a GGUF file or of a Hugging Face folder",
            summary: "Path of the model's GGUF file, or Hugging Face folder"
        ) { text in text.isEmpty || text.utf8.contains(0) ? nil : text }
        workers = .modelInteger(id, "workers", default: 1, in: 1...64, "Workers that share one copy of the weights")
        threads = .modelInteger(id, "threads", default: 0, in: 0...1_024, "Compute threads of the model; 0: its part of engine.threads")
        context = .modelInteger(
            id,
            "context",
            default: 0,
            in: 0...10_000_000,
            "Longest sequence in tokens; 0: what the model was trained for"
        )
        keyValueBytes = .modelInteger(
            id,
            "kv_cache_bytes",
            default: 0,
            in: 0...1_099_511_627_776,
            "Memory for keys and values of each worker; 0: 512 MiB; one whole context at least"
        )
        packedWeights = ConfigurationKey(
            path: [ConfigurationSchema.modelsSection, id, "packed_weights"],
            default: "true",
            expectation: "true or false",
            summary: "Rearrange quantized weights for the processor; false: read them from the file, slower, its pages shared"
        ) { Bool($0) }
        let names = WeightQuantization.allCases.map(\.rawValue)
        quantization = ConfigurationKey(
            path: [ConfigurationSchema.modelsSection, id, "quantize"],
            default: "none",
            expectation: "one of: none, \(names.joined(separator: ", "))",
            summary: "What floating-point weights become when they are loaded: none, \(names.joined(separator: " or "))"
        ) { text in text == "none" ? .some(nil) : WeightQuantization(rawValue: text).map { .some($0) } }
    }

    /// Every key of a model.
    package var all: [any ConfigurationKeyDescription] {
        [path, workers, threads, context, keyValueBytes, packedWeights, quantization]
    }
}

extension ConfigurationKey where Value == Int {
    fileprivate static func modelInteger(_ id: String, _ name: String, default value: Int, in range: ClosedRange<Int>, _ summary: String)
        -> Self
    {
        ConfigurationKey(
            path: [ConfigurationSchema.modelsSection, id, name],
            default: String(value),
            expectation: "an integer between \(range.lowerBound) and \(range.upperBound)",
            summary: summary
        ) { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }
    }
}
