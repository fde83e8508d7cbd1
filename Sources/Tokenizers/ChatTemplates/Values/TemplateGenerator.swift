import Synchronization

/// A sequence that Python computes when it is asked for: its elements are there once.
final class TemplateGenerator: Sendable, Equatable {
    /// All elements, those that were taken already included.
    let values: [TemplateValue]
    private let taken = Mutex(0)

    init(_ values: [TemplateValue]) {
        self.values = values
    }

    static func == (a: TemplateGenerator, b: TemplateGenerator) -> Bool {
        a === b
    }

    /// The elements that are left, up to and with the first one that is wanted; all of them where none is.
    func take(through isWanted: (TemplateValue) -> Bool = { _ in false }) -> [TemplateValue] {
        taken.withLock { taken in
            let rest = values[taken...]
            let end = rest.firstIndex(where: isWanted).map { $0 + 1 } ?? values.endIndex
            taken = end
            return Array(values[rest.startIndex..<end])
        }
    }
}
