import HTTP
import ModelFiles

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
        after = request.queryValue("after")?.word
        let order = request.queryValue("order")?.word ?? "desc"
        guard order == "asc" || order == "desc" else { throw .invalid("order", "'order' must be 'asc' or 'desc', not '\(order)'.") }
        isAscending = order == "asc"
    }

    /// The page of a list.
    ///
    /// - Parameters:
    ///   - elements: The whole list, the oldest first.
    ///   - place: An element's place in it: when it was made, and its id.
    ///   - removed: When one that is no longer in the list was made; a client that removes what it lists goes on behind it.
    ///   - write: Writes an element.
    func answer<Element>(
        _ elements: [Element],
        place: (Element) -> (created: Int, id: String),
        removed: (_ id: String) -> Int? = { _ in nil },
        write: (Element, inout JSONWriter) -> Void
    ) throws(APIError) -> ServerResponse {
        var rest = (isAscending ? elements : elements.reversed())[...]
        if let after {
            let known = elements.first { place($0).id.utf8.elementsEqual(after.utf8) }.map { place($0).created }
            guard let created = known ?? removed(after) else {
                throw .invalid("after", "'after' must be the id of one of the list, not '\(after)'.")
            }
            rest = rest.drop { isAscending ? place($0) <= (created, after) : place($0) >= (created, after) }
        }
        let page = rest.prefix(limit)
        return .object { writer in
            writer.member("object", "list")
            writer.name("data")
            writer.array { writer in
                for element in page { write(element, &writer) }
            }
            writer.member("first_id", optional: page.first.map { place($0).id })
            writer.member("last_id", optional: page.last.map { place($0).id })
            writer.member("has_more", rest.count > page.count)
        }
    }
}
