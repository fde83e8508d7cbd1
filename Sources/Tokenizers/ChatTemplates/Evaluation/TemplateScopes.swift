/// The names that are visible at each place of a rendering. A loop's assignments end with the loop, and macros see the scope that they were made in,
/// as in Jinja.
struct TemplateScopes {
    private struct Scope {
        let parent: Int
        var variables: [String: TemplateValue]
    }

    private var scopes: [Scope]
    /// The innermost scope.
    private(set) var current = 0
    /// Scopes up to this one stay: macros may see them.
    private var captured = 0

    init(_ variables: [String: TemplateValue]) {
        scopes = [Scope(parent: -1, variables: variables)]
    }

    subscript(name: String) -> TemplateValue? {
        var index = current
        while index >= 0 {
            if let value = scopes[index].variables[name] { return value }
            index = scopes[index].parent
        }
        return nil
    }

    /// Sets a name in the innermost scope.
    mutating func set(_ name: String, _ value: TemplateValue) {
        scopes[current].variables[name] = value
    }

    /// Begins a scope inside another.
    mutating func push(inside parent: Int) {
        scopes.append(Scope(parent: parent, variables: [:]))
        current = scopes.count - 1
    }

    /// Ends all scopes that were begun since `outer` was the innermost one, and goes on in that.
    mutating func pop(to outer: Int) {
        let kept = max(captured, outer) + 1
        if scopes.count > kept { scopes.removeLast(scopes.count - kept) }
        current = outer
    }

    /// The innermost scope, to come back to for as long as the rendering lasts.
    mutating func capture() -> Int {
        captured = scopes.count - 1
        return current
    }
}
