import HTTP

/// A page of a list, as OpenAI's clients ask for it: `limit`, `after` and `order`.
struct ListPage: Sendable {
    private let limit: Int
    private let after: String?
    private let isAscending: Bool

    /// - Parameters:
    ///   - limit: How many there are on a page where the request does not say.
    ///   - highest: How many it may ask for.
    init(_ request: ServerRequest, limit: Int, of highest: Int) throws(APIError) {
        if let text = request.queryValue("limit") {
            guard let number = Int(text), (1...highest).contains(number) else {
                throw .invalid("limit", "'limit' must be an integer between 1 and \(highest).")
            }
            self.limit = number
        } else {
            self.limit = limit
        }
        after = request.queryValue("after")
        let order = request.queryValue("order") ?? "desc"
        guard order == "asc" || order == "desc" else { throw .invalid("order", "'order' must be 'asc' or 'desc', not '\(order)'.") }
        isAscending = order == "asc"
    }

    /// The page of a list whose first is the oldest.
    func answer<Element>(
        _ elements: [Element],
        id: (Element) -> String,
        write: (Element, inout JSONWriter) -> Void
    ) throws(APIError) -> ServerResponse {
        var rest = (isAscending ? elements : elements.reversed())[...]
        if let after {
            guard let index = rest.firstIndex(where: { id($0).utf8.elementsEqual(after.utf8) }) else {
                throw .invalid("after", "'after' must be the id of one of the list, not '\(after)'.")
            }
            rest = rest[(index + 1)...]
        }
        let page = rest.prefix(limit)
        return .object { writer in
            writer.member("object", "list")
            writer.name("data")
            writer.array { writer in
                for element in page { write(element, &writer) }
            }
            writer.member("first_id", optional: page.first.map(id))
            writer.member("last_id", optional: page.last.map(id))
            writer.member("has_more", rest.count > page.count)
        }
    }
}
