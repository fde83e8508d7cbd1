import Control
import Testing

@Suite("Sites of hidden states")
struct HiddenStateSiteTests {
    @Test("a name is read as it is written", arguments: ["final_norm", "layer.0", "layer.7", "layer.31", "layer.9999"])
    func names(name: String) {
        #expect(HiddenStateSite(name)?.description == name)
    }

    @Test(
        "whatever else is no site",
        arguments: [
            "", "final", "layer", "layer.", "layer.01", "layer.-1", "layer.+1", "layer.1.", "layer.10000", "layer.x", "Layer.1", "layer.١",
        ]
    )
    func others(name: String) {
        #expect(HiddenStateSite(name) == nil)
    }

    @Test("a model has the sites of its blocks")
    func existence() {
        #expect(HiddenStateSite.finalNorm.exists(layerCount: 1))
        #expect(HiddenStateSite.layer(2).exists(layerCount: 3) && !HiddenStateSite.layer(3).exists(layerCount: 3))
    }
}
