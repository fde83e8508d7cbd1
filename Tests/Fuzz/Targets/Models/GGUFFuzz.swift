import ModelFiles
import Tokenizers
import Transformer

/// GGUF files: all of an accepted one can be read, within the mapped bytes, its tensors apart from each other; and tokenizer and model take it or
/// refuse it.
struct GGUFFuzz: FuzzTarget {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    func run(_ input: [UInt8]) {
        guard let file = try? GGUFFile(path: folder.write(input, to: "model.gguf")) else { return }
        for key in file.keys {
            let value = Oracle.succeed("a key that is listed has a value") { try file.value(key) }
            Oracle.expect(value != nil, "a key that is listed has a value")
            _ = try? file.string(key)
            _ = try? file.integer(key)
            _ = try? file.float(key)
            _ = try? file.bool(key)
            if let strings = try? file.strings(key) { checkCount(strings.count, value) }
            if let integers = try? file.integers(key) { checkCount(integers.count, value) }
            if let floats = try? file.floats(key) { checkCount(floats.count, value) }
        }
        var end = 0
        for tensor in file.tensors.values.sorted(by: { $0.bytes.lowerBound < $1.bytes.lowerBound }) {
            Oracle.expect(tensor.bytes.lowerBound >= end, "tensors are apart")
            end = tensor.bytes.upperBound
            let bytes = file.storage(of: tensor).bytes
            Oracle.expect(bytes.count == tensor.bytes.count && bytes.count > 0, "a tensor's bytes are in the file")
            // Touches all of them.
            Oracle.expect(bytes.reduce(0) { $0 &+ Int($1) } >= 0, "a tensor's bytes can be read")
        }
        if let files = try? TokenizerFiles(source: file) { TokenizerOracle.check(files.tokenizer) }
        if let model = try? LanguageModel(source: file, packsWeights: false) {
            Oracle.expect(model.configuration.layerCount > 0, "a model has layers")
        }
    }

    private func checkCount(_ count: Int, _ value: MetadataValue?) {
        guard case .array(let elements) = value else { return Oracle.expect(false, "an array is read as one") }
        Oracle.expect(elements.count == count, "an array has as many elements, however it is read")
    }
}
