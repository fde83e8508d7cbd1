/// What all clients saw.
final class LoadStatistics {
    /// Requests that were answered whole.
    private(set) var completed = 0
    /// Tokens that arrived.
    private(set) var tokens = 0
    /// Tokens of prompts that the server computed for the requests that were answered whole.
    private(set) var promptTokens = 0
    /// Requests that the server refused because it had enough to do.
    private(set) var refused = 0
    /// Requests that got no whole answer, by what went wrong.
    private(set) var failures: [LoadFailure: Int] = [:]
    /// Seconds from sending a request to its first text.
    private(set) var firstTokenSeconds: [Double] = []
    /// Seconds between one piece of text and the next.
    private(set) var tokenSeconds: [Double] = []
    /// Seconds from sending a request to the end of its answer.
    private(set) var requestSeconds: [Double] = []

    /// Whether so many requests failed, and none was answered or refused for being too many, that none ever will be.
    func isHopeless(clients: Int) -> Bool {
        completed == 0 && refused == 0 && tokens == 0 && failures.values.reduce(0, +) >= 3 * clients
    }

    /// A request's first text came.
    func firstToken(after seconds: Double) {
        tokens += 1
        firstTokenSeconds.append(seconds)
    }

    /// More text came.
    func token(after seconds: Double) {
        tokens += 1
        tokenSeconds.append(seconds)
    }

    /// A request was answered whole.
    ///
    /// - Parameters:
    ///   - silentTokens: how many of its tokens came without text of their own.
    ///   - promptTokens: how many tokens of its prompt were computed.
    func complete(after seconds: Double, silentTokens: Int, promptTokens: Int) {
        self.promptTokens += promptTokens
        completed += 1
        tokens += silentTokens
        requestSeconds.append(seconds)
    }

    /// A request was refused.
    func refuse() {
        refused += 1
    }

    /// A request failed.
    func fail(_ failure: LoadFailure) {
        failures[failure, default: 0] += 1
    }
}
