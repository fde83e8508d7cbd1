/// Fields of OpenAI's that change what an answer means and that this server does not carry out: refused rather than passed over,
/// unless they ask for nothing.
package enum UnsupportedFields {
    /// Refuses what a completion cannot do.
    package static func checkCompletion(_ fields: JSONFields) throws(APIError) {
        if let suffix = try fields.string("suffix"), !suffix.isEmpty {
            throw refusal("suffix")
        }
    }

    /// Refuses what a chat cannot do.
    package static func checkChat(_ fields: JSONFields) throws(APIError) {
        for name in ["tools", "functions"] {
            if let tools = try fields.array(name), !tools.isEmpty { throw refusal(name) }
        }
    }

    private static func refusal(_ name: String) -> APIError {
        .invalid(name, "'\(name)' is not supported by this server.", code: "unsupported_parameter")
    }
}
