/// What can be said of a configuration key whatever the type of its value.
package protocol ConfigurationKeyDescription: Sendable {
    /// The parts of the name.
    var path: [String] { get }
    /// The default, as it is written in the file.
    var defaultText: String { get }
    /// What a value must be, in words.
    var expectation: String { get }
    /// What the key does, in one line.
    var summary: String { get }
    /// Whether the value must not appear in logs or errors.
    var isSecret: Bool { get }
    /// Whether a text is a value of this key.
    func accepts(_ text: String) -> Bool
}

extension ConfigurationKeyDescription {
    /// The name as it is written in messages: `server.port`.
    package var name: String {
        path.joined(separator: ".")
    }

    /// The environment variable that overrides the file: `RUDDER_SERVER_PORT`.
    ///
    /// As swift-configuration spells it: a word boundary within a part and anything that is no letter or digit become an underscore.
    package var environmentVariable: String {
        (["rudder"] + path).map { part in
            var spelled = ""
            var previous: Character = "_"
            for character in part {
                if previous.isLowercase, character.isUppercase { spelled.append("_") }
                spelled.append(character.isLetter || character.isNumber ? character : "_")
                previous = character
            }
            return spelled.uppercased()
        }.joined(separator: "_")
    }
}
