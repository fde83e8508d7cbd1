/// How log lines are written.
package enum LogFormat: String, Sendable, CaseIterable {
    /// For people: the time, the level, the message, then `name=value`.
    case text
    /// For programs: a JSON object a line.
    case json
}
