import Inference
import Synchronization

/// The constraints of recent requests: those that ask one model for one shape share one, and each model's tokens are looked at once.
package final class ResponseConstraints: Sendable {
    private struct Key: Hashable {
        let model: ObjectIdentifier
        let format: ResponseFormat

        static func == (left: Key, right: Key) -> Bool {
            left.model == right.model && left.format == right.format
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(model)
            if case .json(let shape) = format { hasher.combine(shape.nodes.count) }
        }
    }

    private struct State {
        var vocabularies: [ObjectIdentifier: TokenVocabulary] = [:]
        var constraints: [(key: Key, constraint: OutputConstraint)] = []
    }

    private let capacity: Int
    private let state = Mutex(State())

    /// - Parameter capacity: how many constraints are kept; the one unused for longest goes first.
    package init(capacity: Int = 32) {
        self.capacity = capacity
    }

    /// What holds an answer of a model to a format; nil where any text will do.
    ///
    /// - Throws: `APIError` where no answer of the model can be of the format.
    package func constraint(_ format: ResponseFormat, model: LoadedModel) async throws -> OutputConstraint? {
        guard case .json(let shape) = format else { return nil }
        let key = Key(model: ObjectIdentifier(model), format: format)
        let (known, vocabulary) = state.withLock { state -> (OutputConstraint?, TokenVocabulary?) in
            guard let place = state.constraints.firstIndex(where: { $0.key == key }) else { return (nil, state.vocabularies[key.model]) }
            let entry = state.constraints.remove(at: place)
            state.constraints.append(entry)
            return (entry.constraint, nil)
        }
        if let known { return known }
        let (made, looked) = try await OffPool.run { () throws -> (OutputConstraint, TokenVocabulary) in
            do {
                let vocabulary = try vocabulary ?? TokenVocabulary(model.tokenizer, count: model.configuration.vocabularySize)
                return (try OutputConstraint(shape: shape, vocabulary: vocabulary), vocabulary)
            } catch let error as ConstraintError {
                throw APIError.invalid("response_format", "'response_format' cannot be used with the model '\(model.id)': \(error).")
            }
        }
        state.withLock { state in
            state.vocabularies[key.model] = looked
            if state.constraints.count >= capacity { state.constraints.removeFirst() }
            state.constraints.append((key, made))
        }
        return made
    }
}
