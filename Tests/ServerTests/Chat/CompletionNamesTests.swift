import Foundation
import TestSupport
import Testing
import rudder

@Suite("What a shell offers at Tab")
struct CompletionNamesTests {
    @Test("bundled and uploaded heads by name, from the registry that the command line or the environment names")
    func heads() throws {
        let folder = try TemporaryDirectory()
        for path in ["Config/heads", ".state/heads/heads/mine", "other/heads/theirs"] {
            try FileManager.default.createDirectory(at: folder.url.appendingPathComponent(path), withIntermediateDirectories: true)
        }
        try Data().write(to: folder.url.appendingPathComponent("Config/heads/bundled.safetensors"))
        try Data().write(to: folder.url.appendingPathComponent("Config/heads/README"))
        let path = folder.url.path
        #expect(CompletionNames.heads(arguments: [], environment: [:], folder: path) == ["bundled", "mine"])
        #expect(CompletionNames.heads(arguments: ["--registry", "other"], environment: [:], folder: path) == ["bundled", "theirs"])
        #expect(
            CompletionNames.heads(arguments: [], environment: ["RUDDER_REGISTRY_DIRECTORY": "other"], folder: path) == [
                "bundled", "theirs",
            ]
        )
    }

    @Test("--registry=DIR names the registry, too, and the environment the folder of bundled heads")
    func otherForms() throws {
        let folder = try TemporaryDirectory()
        for path in ["more", "other/heads/theirs"] {
            try FileManager.default.createDirectory(at: folder.url.appendingPathComponent(path), withIntermediateDirectories: true)
        }
        try Data().write(to: folder.url.appendingPathComponent("more/extra.safetensors"))
        let environment = ["RUDDER_REGISTRY_BUNDLED_HEADS": "more", "RUDDER_REGISTRY_DIRECTORY": "none"]
        let names = CompletionNames.heads(arguments: ["--registry=other"], environment: environment, folder: folder.url.path)
        #expect(names == ["extra", "theirs"])
    }

    @Test("models of the catalogue, GGUF files and folders")
    func models() throws {
        let folder = try TemporaryDirectory()
        try FileManager.default.createDirectory(at: folder.url.appendingPathComponent("models/llama"), withIntermediateDirectories: true)
        for name in ["a.gguf", "models/b.gguf", "models/c.txt"] { try Data().write(to: folder.url.appendingPathComponent(name)) }
        #expect(CompletionNames.models(prefix: "", folder: folder.url.path) == ["smollm2", "a.gguf", "models/"])
        #expect(CompletionNames.models(prefix: "models/", folder: folder.url.path) == ["smollm2", "models/b.gguf", "models/llama/"])
    }
}
