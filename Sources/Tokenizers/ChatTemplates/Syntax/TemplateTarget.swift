/// What a value is given to.
enum TemplateTarget: Sendable {
    case name(String)
    /// Several names that a list is taken apart into.
    case names([String])
    /// A member of a namespace.
    case member(of: String, String)
}
