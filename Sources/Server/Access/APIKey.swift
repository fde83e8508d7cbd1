/// Somebody who may use `/v1`: a name, what is kept of the key, and what it may do.
package struct APIKey: Sendable, Equatable {
    /// The name, which logs, metrics and the owners of files carry; never the key itself.
    package let name: String
    /// What is kept of the key.
    package let hash: SecretHash
    /// Requests that may begin in a minute; nil: any number.
    package var requestsPerMinute: Int?
    /// Tokens of prompts and answers in a minute; nil: any number.
    package var tokensPerMinute: Int?
    /// Requests that may be under way at once; nil: any number.
    package var concurrentRequests: Int?
    /// Ids of the models that it may use; nil: all.
    package var models: [String]?
    /// Names of the value functions that it may steer with; nil: all.
    package var heads: [String]?

    package init(name: String, hash: SecretHash) {
        self.name = name
        self.hash = hash
    }

    /// Whether it may use the model of that id.
    package func allows(model id: String) -> Bool {
        models?.contains { $0.utf8.elementsEqual(id.utf8) } ?? true
    }

    /// Whether it may steer with the value function of that name.
    package func allows(head name: String) -> Bool {
        heads?.contains { $0.utf8.elementsEqual(name.utf8) } ?? true
    }

    /// What a name looks like, in words.
    package static let nameExpectation =
        "1 to 64 letters, digits, dots, underscores or hyphens, the first a letter or a digit; not what begins as a key does, sk-"

    /// Whether a text may be a key's name: it stands in logs, metrics and files.
    package static func isName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
            default: false
            }
        }
        guard let first = bytes.first, isAlphanumeric(first), bytes.count <= 64, !text.hasPrefix("sk-") else { return false }
        return bytes.allSatisfy { isAlphanumeric($0) || [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-")].contains($0) }
    }
}
