import Foundation
import Yams

/// The keys that a YAML file sets, walked with Yams and held to the schema before swift-configuration reads the values.
package struct ConfigurationFile: Sendable {
    /// The file's path; nil for a text.
    package let path: String
    /// The ids of the models it lists, in the file's order.
    package let modelIDs: [String]
    /// Every key the file sets, with the text of its value.
    package let values: [(path: [String], text: String)]

    /// Reads and checks a file.
    package init(path: String) throws(ConfigurationError) {
        let text: String
        do {
            text = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
        } catch {
            let reason = FileManager.default.fileExists(atPath: path) ? "it is not readable UTF-8 text" : "there is no such file"
            throw .unreadable(path: path, reason: reason)
        }
        try self.init(text: text, path: path)
    }

    /// Checks a document.
    package init(text: String, path: String) throws(ConfigurationError) {
        self.path = path
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch YamlError.duplicatedKeysInMapping(let duplicates, _) {
            throw .duplicateKey(name: duplicates.joined(separator: ", "))
        } catch {
            throw .malformed(path: path, reason: YAMLProblem.text(error))
        }
        var walk = Walk(path: path)
        if let root, root.null == nil || !Self.isNull(root) {
            guard let mapping = root.mapping else { throw .malformed(path: path, reason: "it must be a mapping of sections") }
            try walk.visit(mapping, at: [])
        }
        modelIDs = walk.modelIDs
        values = walk.values
    }

    static func isNull(_ node: Node) -> Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    private struct Walk {
        let path: String
        var modelIDs: [String] = []
        var values: [(path: [String], text: String)] = []

        mutating func visit(_ mapping: Node.Mapping, at prefix: [String]) throws(ConfigurationError) {
            for (keyNode, node) in mapping {
                guard let part = keyNode.string else {
                    throw .malformed(path: path, reason: "a key under '\(prefix.joined(separator: "."))' is not a text")
                }
                let keyPath = prefix + [part]
                let name = keyPath.joined(separator: ".")
                if prefix == [ConfigurationSchema.modelsSection] { modelIDs.append(part) }
                if let key = Self.key(at: keyPath) {
                    try add(node, of: key, at: keyPath, name: name)
                } else if Self.isSection(keyPath) {
                    if ConfigurationFile.isNull(node) { continue }
                    guard let section = node.mapping else {
                        throw .badValue(name: name, value: nil, source: path, expectation: Self.sectionExpectation(keyPath))
                    }
                    try visit(section, at: keyPath)
                } else {
                    throw .unknownKey(name: name, suggestion: Self.suggestion(for: keyPath))
                }
            }
        }

        private mutating func add(_ node: Node, of key: any ConfigurationKeyDescription, at keyPath: [String], name: String)
            throws(ConfigurationError)
        {
            guard case .scalar(let scalar) = node, !ConfigurationFile.isNull(node) else {
                throw .badValue(name: name, value: nil, source: path, expectation: key.expectation)
            }
            guard key.accepts(scalar.string) else {
                throw .badValue(name: name, value: key.isSecret ? nil : scalar.string, source: path, expectation: key.expectation)
            }
            values.append((keyPath, scalar.string))
        }

        private static func key(at path: [String]) -> (any ConfigurationKeyDescription)? {
            if path.count == 3, path[0] == ConfigurationSchema.modelsSection {
                return ConfigurationSchema.modelKeys(path[1]).all.first { $0.path == path }
            }
            return ConfigurationSchema.keys.first { $0.path == path }
        }

        private static func isSection(_ path: [String]) -> Bool {
            if path.first == ConfigurationSchema.modelsSection { return path.count <= 2 }
            return path.count == 1 && ConfigurationSchema.keys.contains { $0.path[0] == path[0] }
        }

        private static func sectionExpectation(_ path: [String]) -> String {
            path == [ConfigurationSchema.modelsSection] ? "a mapping from a model's id to its keys (path, workers, …)" : "a mapping of keys"
        }

        /// A known key that differs by little, or stands in another section.
        private static func suggestion(for path: [String]) -> String? {
            var known = ConfigurationSchema.keys.map(\.name) + [ConfigurationSchema.modelsSection]
            known += Set(ConfigurationSchema.keys.map { $0.path[0] })
            if path.count == 3 { known += ConfigurationSchema.modelKeys(path[1]).all.map(\.name) }
            let name = path.joined(separator: ".")
            let near = known.map { ($0, EditDistance.between(name, $0)) }.min { ($0.1, $0.0) < ($1.1, $1.0) }
            if let near, near.1 <= 3 { return near.0 }
            return ConfigurationSchema.keys.first { $0.path.last == path.last }?.name
        }
    }
}
