/// Where the rows of queries, keys and values are in a matrix of all three.
struct FusedHeads {
    let queries: [Range<Int>]
    let keys: [Range<Int>]
    let values: [Range<Int>]

    /// - Parameter isGrouped: whether each key-value head's queries are followed by its key and its value; if not, all queries come first, then all
    ///   keys, then all values.
    init(_ configuration: ModelConfiguration, isGrouped: Bool) {
        let groups = isGrouped ? configuration.keyValueHeadCount : 1
        let query = configuration.headCount / groups * configuration.headSize
        let key = configuration.keyValueHeadCount / groups * configuration.headSize
        let starts = (0..<groups).map { $0 * (query + 2 * key) }
        queries = starts.map { $0..<$0 + query }
        keys = starts.map { $0 + query..<$0 + query + key }
        values = starts.map { $0 + query + key..<$0 + query + 2 * key }
    }
}
