/// What comes next in a form.
public enum MultipartEvent: Sendable, Equatable {
    /// A part begins.
    case part(MultipartPart)
    /// More of the part's content.
    case content([UInt8])
}
