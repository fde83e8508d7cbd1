/// What a template's `loop` tells.
struct TemplateLoopState {
    let items: [TemplateValue]
    let depth: Int
    /// A recursive loop, and the scope that it is in.
    let recursion: (loop: TemplateLoop, scope: Int)?
    var index = 0
    /// What `loop.changed` was last called with.
    var watched: [TemplateValue]?

    /// A member of `loop`; nil where it has none of that name.
    func member(_ name: String) -> TemplateValue? {
        switch name {
        case "index": .integer(index + 1)
        case "index0": .integer(index)
        case "revindex": .integer(items.count - index)
        case "revindex0": .integer(items.count - index - 1)
        case "first": .bool(index == 0)
        case "last": .bool(index + 1 == items.count)
        case "length": .integer(items.count)
        case "depth": .integer(depth)
        case "depth0": .integer(depth - 1)
        case "previtem": index > 0 ? items[index - 1] : .undefined
        case "nextitem": index + 1 < items.count ? items[index + 1] : .undefined
        default: nil
        }
    }
}
