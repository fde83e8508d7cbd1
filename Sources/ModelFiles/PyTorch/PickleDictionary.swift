/// A dictionary while a pickle is read: later instructions add to it wherever it is, even within itself. Whoever makes one empties it in the end.
final class PickleDictionary {
    /// Keys that are strings, with their values; others are of no use here.
    var items: [(key: String, value: PickleValue)] = []
}
