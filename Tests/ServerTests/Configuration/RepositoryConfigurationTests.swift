import Server
import TestSupport
import Testing

@Suite("Config/rudder.yaml and the schema")
struct RepositoryConfigurationTests {
    private static var path: String { GoldenFiles.repositoryFile("Config/rudder.yaml").path }

    @Test("the file sets every key of the schema, to its default, and no other")
    func sameKeys() throws {
        let file = try ConfigurationFile(path: Self.path)
        let model = ModelCatalogue.standard
        #expect(file.modelIDs == [model.id])
        let keys = ConfigurationSchema.keys + ConfigurationSchema.modelKeys(model.id).all
        #expect(Set(file.values.map(\.path)) == Set(keys.map(\.path)))
        for (path, text) in file.values {
            let key = try #require(keys.first { $0.path == path })
            let expected = path.last == "path" ? model.path : key.defaultText
            #expect(text == expected, "\(key.name)")
        }
    }

    @Test("the file as it is gives the defaults that the program has without one")
    func sameDefaults() async throws {
        let read = try await ServerConfiguration.load(path: Self.path, environment: [:])
        let standard = ServerConfiguration()
        #expect(read.host == standard.host)
        #expect(read.port == standard.port)
        #expect(read.drainTime == standard.drainTime)
        #expect(read.drainIdleTime == standard.drainIdleTime)
        #expect(read.headerTimeout == standard.headerTimeout)
        #expect(read.bodyTimeout == standard.bodyTimeout)
        #expect(read.minimumBodyRate == standard.minimumBodyRate)
        #expect(read.requestTimeout == standard.requestTimeout)
        #expect(read.idleTimeout == standard.idleTimeout)
        #expect(read.writeTimeout == standard.writeTimeout)
        #expect(read.connections == standard.connections)
        #expect(read.connectionsPerAddress == standard.connectionsPerAddress)
        #expect(read.headerBytes == standard.headerBytes)
        #expect(read.access == standard.access)
        #expect(read.playground == standard.playground)
        #expect(read.threads == nil)
        #expect(read.models == standard.models)
        #expect(read.running == standard.running)
        #expect(read.queued == standard.queued)
        #expect(read.limits == standard.limits)
        #expect(read.registryDirectory == standard.registryDirectory)
        #expect(read.bundledHeads == standard.bundledHeads)
        #expect(read.keepVersions == standard.keepVersions)
        #expect(read.gramCacheBytes == standard.gramCacheBytes)
        #expect(read.quarantineAfter == standard.quarantineAfter)
        #expect(read.batches == standard.batches)
        #expect(read.logLevel == standard.logLevel)
        #expect(read.logFormat == standard.logFormat)
        #expect(read.logsRequests == standard.logsRequests)
        #expect(read.logsPrompts == standard.logsPrompts)
    }

    @Test("every default is a value of its key, and every key is explained")
    func defaultsAreValues() {
        for key in ConfigurationSchema.keys {
            #expect(key.accepts(key.defaultText), "\(key.name)")
            #expect(!key.summary.isEmpty && !key.expectation.isEmpty, "\(key.name)")
        }
        #expect(Set(ConfigurationSchema.keys.map(\.environmentVariable)).count == ConfigurationSchema.keys.count)
    }
}
