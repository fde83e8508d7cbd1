/// A failure of a worker that is no batch's.
struct WorkerFailure: Error, CustomStringConvertible {
    let reason: String

    var description: String {
        reason
    }
}
