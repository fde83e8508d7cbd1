import Control

/// A request's `capture`: which hidden states it wants back.
///
/// `{"site": "final_norm", "from": 0, "to": 32}`: the states of the site from which the generated tokens 0 to 31 came, after control moved them.
package struct CaptureRequest: Sendable, Equatable {
    /// Where the states are taken.
    package let site: HiddenStateSite
    /// The generated tokens, counted from 0, whose states are wanted.
    package let window: Range<Int>

    /// Decodes the object.
    ///
    /// - Parameters:
    ///   - answers: how many answers the request has.
    ///   - limits: what a request may ask for.
    package init(_ fields: JSONFields, answers: Int, limits: RequestLimits) throws(APIError) {
        let name = try fields.string("site") ?? HiddenStateSite.finalNorm.description
        guard let site = HiddenStateSite(name) else {
            throw .invalid("capture.site", "'capture.site' is '\(name)'; expected \(HiddenStateSite.expected).")
        }
        self.site = site
        let from = try fields.integer("from", in: 0...Int(Int32.max)) ?? 0
        guard let to = try fields.integer("to", in: 0...Int(Int32.max)) else {
            throw .invalid("capture.to", "'capture' needs 'to': the first generated token, counted from 0, whose state is not wanted.")
        }
        guard to >= from else { throw .invalid("capture.to", "'capture.to' is \(to); expected 'capture.from', \(from), or more.") }
        guard (to - from) * max(answers, 1) <= limits.capturedStates else {
            throw .invalid(
                "capture.to",
                "'capture' asks for \(to - from) states of each of \(max(answers, 1)) answers; at most \(limits.capturedStates) in all are given."
            )
        }
        window = from..<to
    }
}
