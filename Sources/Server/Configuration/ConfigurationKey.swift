/// One key of the configuration: its name, its type and range, its default and what it does.
///
/// The list of all of them is `ConfigurationSchema`; the file, the environment and the documentation are held to it.
package struct ConfigurationKey<Value: Sendable>: ConfigurationKeyDescription {
    /// The parts of the name, for example `["server", "port"]`.
    package let path: [String]
    /// The default, as it is written in the file.
    package let defaultText: String
    /// What a value must be, in words: "a port number between 0 and 65535".
    package let expectation: String
    /// What the key does, in one line.
    package let summary: String
    /// Whether the value must not appear in logs or errors.
    package let isSecret: Bool
    private let parser: @Sendable (String) -> Value?

    package init(
        path: [String],
        default defaultText: String,
        expectation: String,
        summary: String,
        isSecret: Bool = false,
        parser: @escaping @Sendable (String) -> Value?
    ) {
        self.path = path
        self.defaultText = defaultText
        self.expectation = expectation
        self.summary = summary
        self.isSecret = isSecret
        self.parser = parser
    }

    package init(
        _ name: String,
        default defaultText: String,
        expectation: String,
        summary: String,
        isSecret: Bool = false,
        parser: @escaping @Sendable (String) -> Value?
    ) {
        self.init(
            path: name.split(separator: ".").map(String.init),
            default: defaultText,
            expectation: expectation,
            summary: summary,
            isSecret: isSecret,
            parser: parser
        )
    }

    /// The value that a text stands for; nil where it is of the wrong type or out of range.
    package func parse(_ text: String) -> Value? {
        parser(text)
    }

    package func accepts(_ text: String) -> Bool {
        parser(text) != nil
    }
}

extension ConfigurationKey where Value == Int {
    /// A whole number in a range. `1_000` and `4 MiB` forms are not read: one way to write a number.
    package static func integer(_ name: String, default value: Int, in range: ClosedRange<Int>, _ summary: String) -> ConfigurationKey {
        let bounds =
            range.upperBound == .max
            ? "an integer of at least \(range.lowerBound)" : "an integer between \(range.lowerBound) and \(range.upperBound)"
        return ConfigurationKey(name, default: String(value), expectation: bounds, summary: summary) { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension ConfigurationKey where Value == Double {
    /// A number in a range, lower bound excluded.
    package static func number(_ name: String, default value: Double, above lower: Double, to upper: Double, _ summary: String)
        -> ConfigurationKey
    {
        ConfigurationKey(
            name,
            default: NumberRange.text(value),
            expectation: "\(NumberRange.above(lower, to: upper))",
            summary: summary
        ) { text in
            Double(text).flatMap { $0 > lower && $0 <= upper ? $0 : nil }
        }
    }
}

extension ConfigurationKey where Value == Bool {
    /// Yes or no.
    package static func flag(_ name: String, default value: Bool, _ summary: String) -> ConfigurationKey {
        ConfigurationKey(name, default: String(value), expectation: "true or false", summary: summary) { Bool($0) }
    }
}

extension ConfigurationKey where Value == String {
    /// Any text; the empty text means that nothing is set.
    package static func text(_ name: String, default value: String, _ summary: String, isSecret: Bool = false) -> ConfigurationKey {
        ConfigurationKey(name, default: value, expectation: "a text", summary: summary, isSecret: isSecret) { text in
            text.utf8.contains(0) ? nil : text
        }
    }

    /// One of some words.
    package static func choice(_ name: String, default value: String, of words: [String], _ summary: String) -> ConfigurationKey {
        ConfigurationKey(name, default: value, expectation: "one of \(words.joined(separator: ", "))", summary: summary) { text in
            words.contains(text) ? text : nil
        }
    }
}
