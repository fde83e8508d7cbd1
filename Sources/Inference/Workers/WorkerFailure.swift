/// A failure that a test asked for.
struct WorkerFailure: Error, CustomStringConvertible {
    let reason: String

    var description: String {
        reason
    }
}
