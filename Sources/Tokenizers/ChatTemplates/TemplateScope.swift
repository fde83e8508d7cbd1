/// The names that are visible, innermost scope last. A loop's assignments end with the loop, as in Jinja.
struct TemplateScope {
    private var levels: [[String: TemplateValue]]

    init(_ variables: [String: TemplateValue]) {
        levels = [variables]
    }

    subscript(name: String) -> TemplateValue? {
        levels.reversed().lazy.compactMap { $0[name] }.first
    }

    mutating func set(_ name: String, _ value: TemplateValue) {
        levels[levels.count - 1][name] = value
    }

    mutating func push() {
        levels.append([:])
    }

    mutating func pop() {
        levels.removeLast()
    }

    /// Only the outermost names: what a macro's body sees besides its parameters.
    var outermost: TemplateScope {
        TemplateScope(levels[0])
    }
}
