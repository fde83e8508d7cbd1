/// A way through cached blocks, from the start of a sequence: what the key and the identity of the next block depend on.
package struct BlockChain: Equatable {
    /// A hash of all tokens so far, ``start`` having its own.
    package let key: UInt64
    /// Which block ends the chain: a number that no other cached block ever has; 0 where there is none.
    package let last: UInt64

    /// The chain of no blocks.
    package static let start = BlockChain(key: 0x243f_6a88_85a3_08d3, last: 0)

    /// The key of the chain that has one more block, of these tokens.
    package static func key(after key: UInt64, tokens: ArraySlice<Int32>) -> UInt64 {
        var hash = key
        for token in tokens {
            hash = (hash ^ UInt64(UInt32(bitPattern: token))) &* 0x9fb2_1c65_1e98_df25
            hash ^= hash >> 29
        }
        return hash
    }

    /// The keys of the chains of a prompt's full blocks, shortest first.
    package static func keys(of prompt: [Int32], blockSize: Int) -> [UInt64] {
        var keys: [UInt64] = []
        keys.reserveCapacity(prompt.count / blockSize)
        var key = start.key
        for first in stride(from: 0, through: prompt.count - blockSize, by: blockSize) {
            key = self.key(after: key, tokens: prompt[first..<first + blockSize])
            keys.append(key)
        }
        return keys
    }
}
