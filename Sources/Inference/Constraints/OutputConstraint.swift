/// What a sequence may generate: JSON text of a shape, made ready for a model's tokens.
///
/// At every token only those are allowed behind which the text can still be finished within the tokens that are left. So an answer is a whole
/// value, unless a stop text or the reader ends it before.
public final class OutputConstraint: Sendable {
    let shape: JSONShape
    let vocabulary: TokenVocabulary
    let costs: ShapeCosts
    /// Fewer tokens than these may not hold any text of the shape.
    public let minimumTokens: Int

    /// Makes a constraint. Takes time in proportion to the shape and its texts.
    ///
    /// - Throws: ``ConstraintError``
    public init(shape: JSONShape, vocabulary: TokenVocabulary) throws(ConstraintError) {
        var shape = shape
        shape.sortLiterals()
        let costs = ShapeCosts(shape: shape, leaves: try shape.leaves(), vocabulary: vocabulary)
        guard costs.nodes[shape.root] < TokenCost.none else { throw .noValue }
        guard costs.heights[shape.root] <= JSONShape.maximumDepth else { throw .tooDeep }
        (self.shape, self.vocabulary, self.costs) = (shape, vocabulary, costs)
        minimumTokens = costs.nodes[shape.root]
    }
}
