/// What is wrong with a batch's input.
package struct BatchProblem: Error, Sendable, Equatable {
    /// A word for programs, such as `duplicate_custom_id`.
    package let code: String
    /// What is wrong, for a person.
    package let message: String
    /// The line's field at fault.
    package var parameter: String?
    /// Which line it is, counted from 1; nil where it is none of them.
    package var line: Int?

    /// Reads what ``write(to:)`` wrote; nil for anything else.
    init?(_ value: JSONValue) {
        guard case .string(let code)? = value["code"], case .string(let message)? = value["message"] else { return nil }
        self.init(code: code, message: message)
        if case .string(let parameter)? = value["param"] { self.parameter = parameter }
        if case .number(let line)? = value["line"] { self.line = line.integer }
    }

    init(code: String, message: String, parameter: String? = nil, line: Int? = nil) {
        self.code = code
        self.message = message
        self.parameter = parameter
        self.line = line
    }

    /// There is no input any more.
    static func missingInput(_ file: String) -> BatchProblem {
        BatchProblem(code: "file_not_found", message: "The input file '\(file)' is gone.")
    }

    /// Writes the problem as one of a batch's `errors`.
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("code", code)
            writer.member("message", message)
            writer.member("param", optional: parameter)
            writer.member("line", optional: line)
        }
    }
}
