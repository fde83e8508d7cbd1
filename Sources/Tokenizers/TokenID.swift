/// The number of a token: its row in the vocabulary and in the embeddings.
public typealias TokenID = Int32
