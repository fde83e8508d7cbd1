/// A block of the KV cache that holds known tokens, and the chain that it ends.
package struct CachedBlock: Equatable {
    package let block: Int32
    package let chain: BlockChain
}
