/// A session that is there once somebody needs the model. For one task.
final class LazySession {
    private let options: LearningOptions
    private var loaded: LearningSession?

    init(_ options: LearningOptions) {
        self.options = options
    }

    /// The session.
    func session() async throws -> LearningSession {
        if let loaded { return loaded }
        let session = try await options.session()
        loaded = session
        return session
    }

    /// Ends its workers, where it has any.
    func stop() {
        loaded?.stop()
    }
}
