import Server

/// Writes the requests that clients send: streamed completions.
struct LoadRequest {
    private let head: String
    private let model: String?
    private let prompt: String?
    private let maximumTokens: Int
    private let control: JSONValue?

    /// Prepares requests to a server.
    ///
    /// - Parameters:
    ///   - address: where they go.
    ///   - key: the API key; nil for none.
    ///   - model: the model's id; nil to name none.
    ///   - prompt: what all continue; nil for texts of which no two begin alike, so that none finds another's prefix in the server's cache.
    ///   - maximumTokens: how many tokens each asks for.
    ///   - control: the `control` object; nil for none.
    init(to address: LoadAddress, key: String?, model: String?, prompt: String?, maximumTokens: Int, control: JSONValue?) {
        let authorization = key.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        head =
            "POST \(address.path)/v1/completions HTTP/1.1\r\nHost: \(address.authority)\r\nContent-Type: application/json\r\n\(authorization)"
        self.model = model
        self.prompt = prompt
        self.maximumTokens = maximumTokens
        self.control = control
    }

    /// The bytes of the request of that number.
    func bytes(number: Int) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            if let model { writer.member("model", model) }
            writer.member("prompt", prompt ?? "Story number \(number). \(Self.openings[number % Self.openings.count])")
            writer.member("max_tokens", maximumTokens)
            writer.member("stream", true)
            writer.name("stream_options")
            writer.object { $0.member("include_usage", true) }
            if let control {
                writer.name("control")
                writer.value(control)
            }
        }
        return Array("\(head)Content-Length: \(writer.bytes.count)\r\n\r\n".utf8) + writer.bytes
    }

    private static let openings = [
        "Once upon a time, in a village by the sea, there lived a clockmaker who",
        "The train had already left when she noticed the letter on the bench. It said",
        "Nobody in the office knew how the new machine worked, but everybody agreed that",
        "My grandmother kept three rules for a good garden. The first of them was",
        "When the lights of the city went out, the two brothers looked at each other and",
        "The recipe called for patience, butter, and a kind of flour that",
        "On the last day of the expedition the weather turned, and the captain decided to",
        "There are many ways to teach a dog to wait at the door. The gentlest is",
    ]
}
