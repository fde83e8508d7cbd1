import Configuration
import SystemPackage

/// Reads the schema's keys through swift-configuration: flags over `RUDDER_*` variables over the file over the defaults.
package struct ConfigurationReader: Sendable {
    private let reader: ConfigReader
    private let flags: Set<[String]>
    private let fileKeys: Set<[String]>
    private let environment: [String: String]
    private let filePath: String?

    /// - Parameters:
    ///   - file: The checked file; nil for none.
    ///   - environment: The environment's variables.
    ///   - flags: Values from the command line by key path.
    package init(file: ConfigurationFile?, environment: [String: String], flags: [[String]: String]) async throws(ConfigurationError) {
        var providers: [any ConfigProvider] = []
        providers.append(
            InMemoryProvider(
                name: "command line",
                values: Dictionary(
                    uniqueKeysWithValues: flags.map { (AbsoluteConfigKey($0.key), ConfigValue(.string($0.value), isSecret: false)) }
                )
            )
        )
        providers.append(
            KeyMappingProvider(upstream: EnvironmentVariablesProvider(environmentVariables: environment)) { key in
                key.prepending(ConfigKey(["rudder"]))
            }
        )
        if let file, !file.values.isEmpty {
            do {
                providers.append(try await FileProvider<YAMLSnapshot>(filePath: FilePath(file.path)))
            } catch {
                throw .malformed(path: file.path, reason: "\(error)")
            }
        }
        reader = ConfigReader(providers: providers)
        self.flags = Set(flags.keys)
        fileKeys = Set(file?.values.map(\.path) ?? [])
        self.environment = environment
        filePath = file?.path
    }

    /// The value of a key: the first source that sets it, else its default. A value that is no value of the key is refused by the key's name.
    package func value<Value>(_ key: ConfigurationKey<Value>) throws(ConfigurationError) -> Value {
        let text = text(of: key)
        guard let value = key.parse(text) else {
            throw .badValue(name: key.name, value: key.isSecret ? nil : text, source: "\(source(of: key))", expectation: key.expectation)
        }
        return value
    }

    /// Where the key's value comes from.
    package func source(of key: any ConfigurationKeyDescription) -> ConfigurationSource {
        if flags.contains(key.path) { return .commandLine }
        if environment[key.environmentVariable] != nil { return .environment(key.environmentVariable) }
        if let filePath, fileKeys.contains(key.path) { return .file(filePath) }
        return .standard
    }

    /// The key's value as it is written, its default where nothing sets it.
    package func text(of key: any ConfigurationKeyDescription) -> String {
        text(key) ?? key.defaultText
    }

    private func text(_ key: any ConfigurationKeyDescription) -> String? {
        reader.string(forKey: ConfigKey(key.path), isSecret: key.isSecret)
    }
}
