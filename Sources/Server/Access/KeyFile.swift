import Foundation
import Yams

/// The file of API keys: a YAML mapping from each key's name to what is kept of it and what it may do.
package enum KeyFile {
    /// The most keys of a file: a wrong one is compared with all of them.
    package static let mostKeys = 1_000

    /// Reads a file.
    ///
    /// - Throws: ``ConfigurationError``, naming the key and the place.
    package static func read(path: String) throws(ConfigurationError) -> [APIKey] {
        let text: String
        do {
            text = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
        } catch {
            throw .keyFile(path: path, reason: reason(error))
        }
        return try keys(text, path: path)
    }

    /// Why a file cannot be read.
    private static func reason(_ error: any Error) -> String {
        switch (error as? CocoaError)?.code {
        case .fileReadNoSuchFile?, .fileNoSuchFile?: "there is no such file"
        case .fileReadNoPermission?: "this user may not read it"
        case .fileReadInapplicableStringEncoding?, .fileReadUnknownStringEncoding?, .fileReadCorruptFile?: "it is not UTF-8 text"
        default: "\(error.localizedDescription)"
        }
    }

    /// Reads a document.
    package static func keys(_ text: String, path: String) throws(ConfigurationError) -> [APIKey] {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch YamlError.duplicatedKeysInMapping(let duplicates, _) {
            throw .duplicateKey(name: duplicates.joined(separator: ", "))
        } catch {
            throw .keyFile(path: path, reason: YAMLProblem.text(error))
        }
        guard let root, !ConfigurationFile.isNull(root) else { return [] }
        guard let mapping = root.mapping else { throw .keyFile(path: path, reason: "it must be a mapping from names to keys") }
        guard mapping.count <= mostKeys else { throw .keyFile(path: path, reason: "it has more than \(mostKeys) keys") }
        var keys: [APIKey] = []
        for (nameNode, node) in mapping {
            guard let name = nameNode.string, APIKey.isName(name) else {
                throw .keyFile(path: path, reason: "a name in it is not \(APIKey.nameExpectation)")
            }
            keys.append(try Entry(name: name, path: path).key(node))
        }
        return keys
    }

    /// A key as it is written in a file.
    package static func entry(of key: APIKey) -> String {
        var lines = ["\(key.name):", "  hash: \(key.hash.text)"]
        let limits = [
            ("requests_per_minute", key.requestsPerMinute), ("tokens_per_minute", key.tokensPerMinute),
            ("concurrent_requests", key.concurrentRequests),
        ]
        for case (let name, let limit?) in limits where limit > 0 { lines.append("  \(name): \(limit)") }
        for case (let name, let names?) in [("models", key.models), ("heads", key.heads)] {
            // A quoted scalar of YAML reads what JSON writes.
            var writer = JSONWriter()
            writer.array { writer in
                for name in names { writer.value(name) }
            }
            lines.append("  \(name): \(String(decoding: writer.bytes, as: UTF8.self))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// One key of the file.
    private struct Entry {
        let name: String
        let path: String

        private static let members = ["hash", "requests_per_minute", "tokens_per_minute", "concurrent_requests", "models", "heads"]

        func key(_ node: Node) throws(ConfigurationError) -> APIKey {
            guard let members = node.mapping else { throw bad(nil, "a mapping with 'hash' and limits") }
            for (member, _) in members {
                let word = member.string ?? ""
                guard Self.members.contains(word) else {
                    let near = Self.members.min { EditDistance.between($0, word) < EditDistance.between($1, word) }
                    // What is no word may be a key.
                    let isWord = word.utf8.count <= 24 && word.allSatisfy { $0.isLetter || $0 == "_" }
                    throw .unknownKey(name: isWord ? "\(name).\(word)" : "\(name).…", suggestion: near.map { "\(name).\($0)" })
                }
            }
            guard let text = members["hash"]?.string else {
                throw .missing(name: "\(name).hash", why: "`rudder keys new \(name)` makes a key and its hash (\(path))")
            }
            // The value is shown in no error: somebody may have written the key itself there.
            guard let hash = SecretHash(parsing: text) else {
                throw bad("hash", "sha256:SALT:DIGEST, as `rudder keys new` and `rudder keys hash` write it")
            }
            var key = APIKey(name: name, hash: hash)
            key.requestsPerMinute = try limit("requests_per_minute", members)
            key.tokensPerMinute = try limit("tokens_per_minute", members)
            key.concurrentRequests = try limit("concurrent_requests", members)
            key.models = try names("models", members)
            key.heads = try names("heads", members)
            return key
        }

        /// A limit; nil where it is absent, or 0 as elsewhere in the configuration.
        private func limit(_ member: String, _ members: Node.Mapping) throws(ConfigurationError) -> Int? {
            guard let node = members[member] else { return nil }
            let range = 0...1_000_000_000
            guard case .scalar(let scalar) = node, let number = Int(scalar.string), range.contains(number) else {
                throw bad(member, "an integer between 0 (no limit) and \(range.upperBound)", value: node.string)
            }
            return number == 0 ? nil : number
        }

        private func names(_ member: String, _ members: Node.Mapping) throws(ConfigurationError) -> [String]? {
            guard let node = members[member] else { return nil }
            guard let sequence = node.sequence else { throw bad(member, "a list of names, as [a, b]; left out, all are allowed") }
            var names: [String] = []
            for element in sequence {
                guard case .scalar(let scalar) = element, !scalar.string.isEmpty else { throw bad(member, "a list of names, as [a, b]") }
                names.append(scalar.string)
            }
            return names
        }

        private func bad(_ member: String?, _ expectation: String, value: String? = nil) -> ConfigurationError {
            .badValue(name: member.map { "\(name).\($0)" } ?? name, value: value, source: path, expectation: expectation)
        }
    }
}
