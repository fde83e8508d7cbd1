/// What a value is given to.
indirect enum TemplateTarget: Sendable {
    case name(String)
    /// Several targets that a list is taken apart into.
    case several([TemplateTarget])
    /// A member of a namespace.
    case member(of: String, String)
}
