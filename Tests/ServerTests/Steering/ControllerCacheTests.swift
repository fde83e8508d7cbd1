import Control
import ModelFiles
import Server
import Testing

@Suite("the controllers of recent requests")
struct ControllerCacheTests {
    private func controller(units: Int) throws -> Controller {
        let file = try SafetensorsFile(bytes: TestHeads.file(width: 8, hidden: units))
        let head = WeightedHead(valueFunction: try ValueFunction(file: file), weight: 1, name: "a", version: 1)
        return try Controller(heads: [head], settings: ControlSettings(), grams: GramCache())
    }

    private func key(_ steps: Int) -> ControllerCache.Key {
        var settings = ControlSettings()
        settings.steps = steps
        return ControllerCache.Key(heads: [], settings: settings)
    }

    @Test("a controller counts its weights and its matrices")
    func bytes() throws {
        // Units by width and a bias, one output of the units and a bias; units by units.
        #expect(try controller(units: 16).byteCount == 4 * (16 * 9 + 17 + 16 * 16))
    }

    @Test("the one unused for longest goes first, when there are too many and when they hold too much")
    func bounds() throws {
        let made = try controller(units: 16)
        for cache in [ControllerCache(capacity: 2, byteLimit: .max), ControllerCache(byteLimit: 2 * made.byteCount)] {
            for steps in 1...2 { #expect(cache.insert(made, for: key(steps)) === made) }
            #expect(cache.controller(for: key(1)) != nil)
            _ = cache.insert(made, for: key(3))
            #expect(cache.controller(for: key(1)) != nil && cache.controller(for: key(2)) == nil && cache.controller(for: key(3)) != nil)
        }
        let cache = ControllerCache(byteLimit: made.byteCount)
        _ = cache.insert(made, for: key(1))
        // One that is too large by itself is kept alone, and gives its room back when it goes.
        _ = cache.insert(try controller(units: 64), for: key(2))
        #expect(cache.controller(for: key(1)) == nil && cache.controller(for: key(2)) != nil)
        _ = cache.insert(made, for: key(3))
        #expect(cache.controller(for: key(2)) == nil && cache.controller(for: key(3)) != nil)
        _ = cache.insert(made, for: key(4))
        #expect(cache.controller(for: key(3)) == nil && cache.controller(for: key(4)) != nil)
    }
}
