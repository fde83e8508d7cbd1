import Control
import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite("Value function")
struct ValueFunctionTests {
    private func read(_ tensors: [SafetensorsWriter.Tensor], _ metadata: [String: String] = [:]) throws -> ValueFunction {
        try ValueFunction(file: SafetensorsFile(bytes: SafetensorsWriter.encode(tensors: tensors, metadata: metadata)))
    }

    private func tensor(_ name: String, _ shape: [Int], _ value: Float = 0.5) -> SafetensorsWriter.Tensor {
        .init(name: name, shape: shape, floats: [Float](repeating: value, count: shape.reduce(1, *)))
    }

    @Test("the head of the repository reads, with its metadata")
    func readsSentiment() throws {
        let head = try ValueFunction(file: SafetensorsFile(path: GoldenFiles.repositoryFile("Config/heads/sentiment.safetensors").path))
        #expect(head.hiddenSize == 576 && head.layerCount == 2 && head.layerWidths == [576])
        #expect(head.metadata["reward"] == "vader-compound")
        #expect(head.modelSHA256 == "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53")
    }

    @Test("two, three and more layers read, named by ascending numbers", arguments: [[4, 6], [4, 6, 5], [4, 6, 5, 3]])
    func readsDepths(widths: [Int]) throws {
        var random = RandomHead(seed: 1)
        let head = try read(random.tensors(widths))
        #expect(head.layerCount == widths.count && head.hiddenSize == 4 && head.layerWidths == Array(widths.dropFirst()))
    }

    @Test("F16 and BF16 parameters read as their values")
    func readsHalves() throws {
        func halves(_ type: SafetensorsType, _ bits: (Float) -> UInt16) throws -> Float {
            func tensor(_ name: String, _ shape: [Int]) -> SafetensorsWriter.Tensor {
                let bytes = (0..<shape.reduce(1, *)).flatMap { _ in withUnsafeBytes(of: bits(0.75).littleEndian, Array.init) }
                return .init(name: name, type: type, shape: shape, bytes: bytes)
            }
            let tensors = [tensor("fc1.weight", [2, 3]), tensor("fc1.bias", [2]), tensor("fc3.weight", [1, 2]), tensor("fc3.bias", [1])]
            return try read(tensors).value(of: [1, 1, 1])
        }
        let expected: Float = 2 * 0.75 * (3 * 0.75 + 0.75) + 0.75
        #expect(try halves(.f16) { Float16($0).bitPattern } == expected)
        #expect(try halves(.bf16) { UInt16($0.bitPattern >> 16) } == expected)
    }

    @Test("a written head reads back as the same function")
    func roundTrip() throws {
        for widths in [[4, 6], [4, 6, 5], [4, 6, 5, 3]] {
            var random = RandomHead(seed: 2)
            let head = try read(random.tensors(widths), ["reward": "länge", "steps": "12"])
            let again = try ValueFunction(file: SafetensorsFile(bytes: head.serialized()))
            #expect(again.parameterDigest == head.parameterDigest)
            #expect(again.metadata["reward"] == "länge" && again.metadata["format"] == ValueFunction.format)
            #expect(again.metadata["hidden_size"] == "4")
        }
    }

    @Test("tensors that are missing, unknown, misshapen or of another type are refused by name")
    func refusesTensors() {
        let good = [tensor("fc1.weight", [3, 2]), tensor("fc1.bias", [3]), tensor("fc3.weight", [1, 3]), tensor("fc3.bias", [1])]
        func replacing(_ name: String, _ tensor: SafetensorsWriter.Tensor?) -> [SafetensorsWriter.Tensor] {
            good.filter { $0.name != name } + (tensor.map { [$0] } ?? [])
        }
        #expect(throws: Never.self) { try read(good) }
        #expect(throws: ValueFunctionError.missingTensor("fc1.weight")) { try read([]) }
        #expect(throws: ValueFunctionError.missingTensor("fc1.bias")) { try read(replacing("fc1.bias", nil)) }
        #expect(throws: ValueFunctionError.missingTensor("fc1.weight")) {
            try read([tensor("fc2.weight", [3, 3]), tensor("fc2.bias", [3]), tensor("fc3.weight", [1, 3]), tensor("fc3.bias", [1])])
        }
        #expect(throws: ValueFunctionError.missingTensor("fc3.weight")) {
            try read([tensor("fc1.weight", [1, 3]), tensor("fc1.bias", [1])])
        }
        for name in ["hidden", "fc.weight", "fc1.gain", "fc01.weight", "fcx.bias", "fc1.weight.x"] {
            #expect(throws: ValueFunctionError.unknownTensor(name)) { try read(good + [tensor(name, [1])]) }
        }
        let shapes: [(String, [Int], String)] = [
            ("fc1.weight", [3], "[H, D]"), ("fc1.bias", [4], "[3]"), ("fc3.weight", [1, 4], "[1, 3]"), ("fc3.weight", [2, 3], "[1, 3]"),
            ("fc1.weight", [0, 2], "[H, D]"), ("fc3.bias", [1, 1], "[1]"),
        ]
        for (name, shape, expected) in shapes {
            #expect(throws: ValueFunctionError.badShape(tensor: name, found: shape, expected: expected)) {
                try read(replacing(name, tensor(name, shape)))
            }
        }
        let integers = SafetensorsWriter.Tensor(name: "fc3.bias", type: .int32, shape: [1], bytes: [0, 0, 0, 0])
        #expect(throws: ValueFunctionError.badType(tensor: "fc3.bias", found: "I32")) { try read(replacing("fc3.bias", integers)) }
        for bad in [Float.nan, .infinity, -.infinity] {
            #expect(throws: ValueFunctionError.notFinite(tensor: "fc1.bias", index: 0)) {
                try read(replacing("fc1.bias", tensor("fc1.bias", [3], bad)))
            }
        }
    }

    @Test("metadata that contradicts the format is refused by key; free text is kept")
    func checksMetadata() {
        var random = RandomHead(seed: 3)
        let tensors = random.tensors([4, 6])
        let bad = [
            "format": "rudder.value-function.v2", "activation": "gelu", "site": "layer.-1", "hidden_size": "5", "steps": "-1",
            "step_size": "0", "max_norm": "inf", "kl_budget": "-1", "target_value": "high", "regularization": "nan", "trace": "yes",
        ]
        for (key, value) in bad {
            let error = #expect(throws: ValueFunctionError.self) { try read(tensors, [key: value]) }
            guard case .badMetadata(let found, value, _) = error else {
                Issue.record("\(key): \(String(describing: error))")
                continue
            }
            #expect(found == key)
        }
        #expect(throws: ValueFunctionError.self) { try read(tensors, ["site": "layer.3", "kl_budget": "0.1"]) }
        #expect(throws: Never.self) { try read(tensors, ["note": "whatever", "max_norm": "", "target_value": "null", "steps": "10"]) }
    }
}
