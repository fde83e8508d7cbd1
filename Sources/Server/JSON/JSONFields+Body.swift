extension JSONFields {
    /// The fields of a request's body.
    package static func body(_ value: JSONValue) throws(APIError) -> JSONFields {
        guard case .object(let members) = value else {
            throw .invalid(nil, "The request's body must be a JSON object, not \(value.kind).")
        }
        return JSONFields(members)
    }
}
