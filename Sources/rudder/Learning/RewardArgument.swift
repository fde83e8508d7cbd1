import Learning

/// Understands `--reward` and `--judge`.
enum RewardArgument {
    static let valueName = "command:PROGRAM|http(s)://URL|file:PATH|preference:HEAD|length"

    /// A source and its name, which stands before the first `=` where that comes before any colon.
    static func named(_ argument: String, standard: String? = nil) -> (name: String, source: String) {
        guard let equals = argument.firstIndex(of: "="), !argument[..<equals].contains(":") else { return (standard ?? argument, argument) }
        return (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
    }

    /// The source that the argument stands for.
    ///
    /// - Parameters:
    ///   - argument: what was given.
    ///   - timeout: how long a program or service may take over a record.
    ///   - isRaw: whether prompts have no chat template.
    ///   - session: loads the model, where a reward head needs it.
    static func source(
        _ argument: String,
        timeout: Double,
        isRaw: Bool,
        session: () async throws -> LearningSession
    ) async throws -> any RewardSource {
        let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let rest = parts.count == 2 ? parts[1] : ""
        switch parts[0] {
        case "length" where parts.count == 1: return LengthReward()
        case "command" where !rest.isEmpty: return CommandReward(command: rest, timeout: .seconds(timeout))
        case "file" where !rest.isEmpty: return try FileReward(path: rest)
        case "http" where !rest.isEmpty, "https" where !rest.isEmpty:
            return HTTPReward(url: argument, timeout: .seconds(timeout))
        case "preference" where !rest.isEmpty:
            let session = try await session()
            let head = try session.head(rest)
            return try PreferenceReward(head: head.valueFunction, name: rest, generator: session.generator, isRaw: isRaw)
        default: throw RewardError.unknownSource(argument)
        }
    }
}
