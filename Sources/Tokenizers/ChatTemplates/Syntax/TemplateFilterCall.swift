/// A filter and its arguments, without the value.
struct TemplateFilterCall: Sendable {
    let name: String
    let arguments: TemplateArguments
}
