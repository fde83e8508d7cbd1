import ModelFiles

/// Why rollouts cannot be made or used.
public enum RolloutError: Error, Sendable, CustomStringConvertible {
    /// A line of one of the folder's files.
    case line(LineError)
    /// The folder holds rollouts that were made in another way.
    case otherRun(folder: String, difference: String)
    /// The folder holds no rollouts.
    case noRollouts(folder: String)
    /// A shard of states does not fit the rollouts.
    case badShard(path: String, reason: String)
    /// A file cannot be read or written.
    case file(ModelFileError)

    /// What to do about a folder that is not as `rudder rollouts` leaves it.
    static let anew = "remove the folder, and sample again with `rudder rollouts`"

    /// One sentence.
    public var description: String {
        switch self {
        case .line(let error): error.description
        case .otherRun(let folder, let difference):
            "\(folder) holds rollouts that were made with other settings (\(difference)); choose another folder, or remove it"
        case .noRollouts(let folder): "\(folder) holds no rollouts; `rudder rollouts` makes them"
        case .badShard(let path, let reason): "\(path): \(reason); \(Self.anew)"
        case .file(let error): "\(error)"
        }
    }
}
