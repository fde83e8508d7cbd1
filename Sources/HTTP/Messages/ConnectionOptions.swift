import HTTPTypes

/// The members of a request's Connection headers.
struct ConnectionOptions {
    private let options: [Substring]

    init(_ fields: HTTPFields) {
        options = fields[values: .connection].flatMap(ASCIIText.members)
    }

    func contains(_ option: StaticString) -> Bool {
        options.contains { ASCIIText.isEqual($0, option) }
    }
}
