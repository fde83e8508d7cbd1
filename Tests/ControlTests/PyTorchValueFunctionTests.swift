import Control
import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite("Value functions from PyTorch")
struct PyTorchValueFunctionTests {
    private func checkpoint(_ name: String) throws -> PyTorchCheckpoint {
        try PyTorchCheckpoint(path: GoldenFiles.repositoryFile("Tests/Golden/pytorch/\(name)").path)
    }

    @Test(
        "a state_dict gives the file that serves: the same numbers under the same names, wherever they were",
        arguments: ["state_dict.pth", "nested.pth"]
    )
    func converts(name: String) throws {
        let source = try checkpoint(name)
        let function = try ValueFunction(checkpoint: source, metadata: ["model": "made-up", "steps": "7"])
        #expect(function.hiddenSize == 6 && function.layerCount == (name == "nested.pth" ? 2 : 3))
        let file = try SafetensorsFile(bytes: try function.serialized())
        #expect(file.metadata["model"] == "made-up" && file.metadata["site"] == "final_norm")
        #expect(try ControlSettings.from(metadata: file.metadata).steps == 7)
        let prefix = name == "nested.pth" ? "model.module." : ""
        #expect(file.tensors.count == source.tensors.count)
        for key in file.tensors.keys {
            #expect(try file.floats(key) == source.tensors[prefix + key]?.values)
        }
        #expect(try ValueFunction(file: file).parameterDigest == function.parameterDigest)
    }

    @Test("a checkpoint without a value function, or with tensors that none has, is refused by name")
    func refuses() throws {
        #expect(throws: ValueFunctionError.missingTensor("fc1.weight")) { try ValueFunction(checkpoint: try checkpoint("views.pth")) }
    }
}
