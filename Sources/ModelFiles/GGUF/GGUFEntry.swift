/// A metadata value, left where it is in the file: its type and place. An array's place is that of its elements.
struct GGUFEntry: Sendable {
    let type: GGUFValueType
    let bytes: Range<Int>
    /// What an array holds, and how many; nil for other types.
    var array: (element: GGUFValueType, count: Int)?

    /// The type's name, for people.
    var typeName: String {
        array.map { "array of \($0.count) \($0.element)" } ?? "\(type)"
    }
}
