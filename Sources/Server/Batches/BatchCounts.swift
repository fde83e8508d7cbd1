/// How many requests a batch has, and how many of them are answered.
package struct BatchCounts: Sendable, Equatable {
    package var total = 0
    /// Those that were answered well.
    package var completed = 0
    /// Those whose answer is an error.
    package var failed = 0

    package init() {}

    /// Reads what ``write(to:)`` wrote; nil for anything else.
    init?(_ value: JSONValue) {
        guard case .number(let total)? = value["total"], case .number(let completed)? = value["completed"],
            case .number(let failed)? = value["failed"]
        else { return nil }
        (self.total, self.completed, self.failed) = (total.integer ?? 0, completed.integer ?? 0, failed.integer ?? 0)
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("total", total)
            writer.member("completed", completed)
            writer.member("failed", failed)
        }
    }
}
