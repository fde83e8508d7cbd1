import Control
import Server
import Testing

@Suite("matching value functions to models")
struct HeadBindingTests {
    private typealias Model = HeadBinding.Model

    private let models = [
        Model(id: "a", hiddenSize: 8, layerCount: 4, sha256: "aa"), Model(id: "b", hiddenSize: 8, layerCount: 9, sha256: "bb"),
        Model(id: "c", hiddenSize: 16, layerCount: 4, sha256: "cc"),
    ]

    @Test("without a checksum it steers every model of its width")
    func width() {
        let binding = HeadBinding(hiddenSize: 8, site: .finalNorm, sha256: nil, models: models)
        #expect(binding.models == ["a", "b"])
        #expect(binding.warning == nil)
        #expect(HeadBinding(hiddenSize: 9, site: .finalNorm, sha256: nil, models: models).models.isEmpty)
    }

    @Test("a site between blocks binds to models that have the block")
    func site() {
        #expect(HeadBinding(hiddenSize: 8, site: .layer(3), sha256: nil, models: models).models == ["a", "b"])
        #expect(HeadBinding(hiddenSize: 8, site: .layer(4), sha256: nil, models: models).models == ["b"])
        #expect(HeadBinding(hiddenSize: 8, site: .layer(9), sha256: "aa", models: models).models.isEmpty)
    }

    @Test("with the checksum of a loaded model it steers that model only, in whatever case the digits are")
    func checksum() {
        let binding = HeadBinding(hiddenSize: 8, site: .finalNorm, sha256: "BB", models: models)
        #expect(binding.models == ["b"])
        #expect(binding.warning == nil)
    }

    @Test("with another checksum it steers every model of its width, with a warning")
    func otherChecksum() {
        let binding = HeadBinding(hiddenSize: 8, site: .finalNorm, sha256: "dd", models: models)
        #expect(binding.models == ["a", "b"])
        #expect(binding.warning != nil)
    }

    @Test("a checksum that is still being computed is no mismatch")
    func unknownChecksum() {
        let binding = HeadBinding(
            hiddenSize: 8,
            site: .finalNorm,
            sha256: "aa",
            models: [Model(id: "a", hiddenSize: 8, layerCount: 4, sha256: nil)]
        )
        #expect(binding.models == ["a"])
        #expect(binding.warning == nil)
    }
}
