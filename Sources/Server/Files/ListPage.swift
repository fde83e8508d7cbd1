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
        return Self.answer(rest.prefix(limit), hasMore: rest.count > limit, id: { place($0).id }, write: write)
    }

    /// The page of a list of which no more is read than the page takes.
    ///
    /// - Parameters:
    ///   - ids: The ids of the whole list, the oldest first.
    ///   - element: Reads an element; nil for one that is not of the list.
    ///   - write: Writes an element.
    func answer<Element>(
        _ ids: [String],
        element: (String) throws -> Element?,
        write: (Element, inout JSONWriter) -> Void
    ) throws -> ServerResponse {
        var rest = (isAscending ? ids : ids.reversed())[...]
        if let after {
            guard let place = rest.firstIndex(of: after), try element(after) != nil else {
                throw APIError.invalid("after", "'after' must be the id of one of the list, not '\(after)'.")
            }
            rest = rest[(place + 1)...]
        }
        var page: [(id: String, element: Element)] = []
        // One more than is shown tells whether there are more.
        while page.count <= limit, let id = rest.popFirst() {
            if let element = try element(id) { page.append((id, element)) }
        }
        return Self.answer(page.prefix(limit), hasMore: page.count > limit, id: \.id) { write($0.element, &$1) }
    }

    private static func answer<Element>(
        _ page: ArraySlice<Element>,
        hasMore: Bool,
        id: (Element) -> String,
        write: (Element, inout JSONWriter) -> Void
    ) -> ServerResponse {
        .object { writer in
            writer.member("object", "list")
            writer.name("data")
            writer.array { writer in
                for element in page { write(element, &writer) }
            }
            writer.member("first_id", optional: page.first.map(id))
            writer.member("last_id", optional: page.last.map(id))
            writer.member("has_more", hasMore)
        }
    }
}
