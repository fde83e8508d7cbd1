/// Something in a chat template that is called, assigned to or walked over rather than written: valid in the rendering that made it.
public struct TemplateObject: Sendable, Equatable {
    indirect enum Kind: Sendable, Equatable {
        /// A namespace, by its number in the rendering.
        case namespace(Int)
        /// A macro, by its number in the rendering.
        case macro(Int)
        /// A loop's `loop`, by how many loops are around it.
        case loop(Int)
        /// A function that is built in.
        case function(String)
        /// A method and the value it belongs to.
        case method(TemplateValue, String)
        /// What filters such as `map` and `select` give: a sequence without length or index, true even where it is empty.
        case generator(TemplateGenerator)
        /// What a mapping's `items`, `keys` and `values` give, and its name: a sequence without index.
        case view(String, [TemplateValue])
    }

    let kind: Kind
}
