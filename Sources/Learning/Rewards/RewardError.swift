/// Why answers could not be judged. Records are counted from 0.
public enum RewardError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Not a source of rewards.
    case unknownSource(String)
    /// The source could not be reached or started.
    case unavailable(source: String, reason: String)
    /// It ended before it had judged a record.
    case ended(source: String, record: Int, reason: String)
    /// It took too long over a record.
    case timeout(source: String, record: Int, seconds: Double)
    /// It judged everything, but did not end.
    case lingered(source: String, seconds: Double)
    /// It judged everything, and said at its end that it failed.
    case failed(source: String, reason: String)
    /// It answered with something else than a finite number.
    case notANumber(source: String, record: Int, found: String)
    /// It gave more rewards than it was given records: which is for which is unknown.
    case tooMany(source: String, record: Int, count: Int)
    /// It judged fewer or more records than it was given.
    case wrongCount(source: String, record: Int, expected: Int, found: Int)
    /// The rewards there are came from another source.
    case otherSource(path: String, found: String, asked: String)
    /// A file of rewards cannot be used.
    case line(LineError)

    private static let form = "; it must give one number, or {\"reward\": x}, for each record, in order"

    /// One sentence.
    public var description: String {
        switch self {
        case .unknownSource(let text):
            "'\(text)' is no source of rewards; there are command:PROGRAM, http://URL, https://URL, file:PATH, preference:HEAD and length"
        case .unavailable(let source, let reason): "\(source) cannot be used: \(reason); is it installed, and on the PATH?"
        case .ended(let source, let record, let reason): "\(source) ended before it had judged record \(record): \(reason)"
        case .timeout(let source, let record, let seconds):
            "\(source) did not judge record \(record) within \(seconds) s; --timeout gives it longer"
        case .lingered(let source, let seconds):
            "\(source) judged every record, but had not ended \(seconds) s later; it must end when its input does"
        case .failed(let source, let reason): "\(source) judged every record, and then failed: \(reason)"
        case .notANumber(let source, let record, let found):
            "\(source) gave record \(record) no finite number, or object with such a 'reward', but \(found.prefix(200).debugDescription)"
                + Self.form
        case .wrongCount(let source, let record, let expected, let found):
            "\(source) judged \(found) of the \(expected) records from record \(record) on" + Self.form
        case .tooMany(let source, let record, let count):
            "\(source) gave more than \(count) rewards for the \(count) records from record \(record) on, so none is kept"
                + Self.form
        case .otherSource(let path, let found, let asked):
            "\(path) has rewards from \(found), not \(asked); remove it to label anew, or name another file with --out"
        case .line(let error): error.description
        }
    }
}
