extension String {
    /// The text in single quotes for a message: cut where it is long, with control characters spelled out. Names come from files and may hold anything.
    package var quoted: String {
        let limit = 120
        var result = "'"
        for scalar in unicodeScalars.prefix(limit) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return unicodeScalars.dropFirst(limit).isEmpty ? result + "'" : result + "…'"
    }
}
