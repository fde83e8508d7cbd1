import Inference
import Testing

@Suite("Blocks of the KV cache")
struct BlockAllocatorTests {
    private func allocator(_ count: Int, caching: Bool = true) -> BlockAllocator {
        BlockAllocator(blockCount: count, blockSize: 4, cachesPrefixes: caching)
    }

    private func take(_ allocator: inout BlockAllocator) throws -> Int32 {
        let block = allocator.allocate()
        return try #require(block)
    }

    /// Allocates and publishes the blocks of a text, and returns them.
    private func fill(_ text: [Int32], _ allocator: inout BlockAllocator) throws -> [CachedBlock] {
        var chain = BlockChain.start
        return try stride(from: 0, to: text.count, by: 4).map { start in
            let block = try take(&allocator)
            let published = allocator.publish(block, after: chain, tokens: text[start..<start + 4])
            let found = try #require(published)
            chain = found.chain
            return found
        }
    }

    private func find(_ text: [Int32], _ allocator: BlockAllocator) -> [Int32] {
        var (chain, blocks) = (BlockChain.start, [Int32]())
        for start in stride(from: 0, to: text.count, by: 4) {
            guard let found = allocator.find(after: chain, tokens: text[start..<start + 4]) else { break }
            chain = found.chain
            blocks.append(found.block)
        }
        return blocks
    }

    @Test("a block is found by its tokens and all before them, owned or not, and by nothing else")
    func finds() throws {
        var blocks = allocator(8)
        let text = (0..<12).map { Int32($0) }
        let filled = try fill(text, &blocks).map(\.block)
        #expect(find(text, blocks) == filled)
        blocks.release(filled)
        #expect(blocks.freeCount == 8 && blocks.idleCount == 3 && find(text, blocks) == filled)
        #expect(find(Array(text.prefix(4) + text.suffix(4)), blocks) == [filled[0]])
        #expect(find(Array(text.suffix(8)), blocks) == [])
    }

    @Test("without caching nothing is found and a released block is free")
    func off() throws {
        var blocks = allocator(2, caching: false)
        let block = try take(&blocks)
        let published = blocks.publish(block, after: .start, tokens: [1, 2, 3, 4])
        #expect(published == nil)
        blocks.release([block])
        let changes = blocks.takeChanges()
        #expect(blocks.idleCount == 0 && blocks.freeCount == 2 && changes == nil)
    }

    @Test("a block in use is never handed out; those not in use go longest unused first, the last of a chain before those it follows")
    func evicts() throws {
        var blocks = allocator(6)
        let (first, second): ([Int32], [Int32]) = ([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3], [9, 9, 9, 9, 8, 8, 8, 8])
        let (one, two) = (try fill(first, &blocks).map(\.block), try fill(second, &blocks).map(\.block))
        blocks.release(one)
        blocks.release(two)
        // The first text's beginning is used again, and is younger then.
        for block in one.prefix(2) { blocks.share(block) }
        blocks.release(Array(one.prefix(2)))
        let free = try take(&blocks)
        #expect(!one.contains(free) && !two.contains(free))
        var order: [Int32] = []
        while let block = blocks.allocate() { order.append(block) }
        #expect(order == [one[2], two[1], two[0], one[1], one[0]])
        #expect(find(first, blocks) == [] && find(second, blocks) == [])
    }

    @Test("who fills a block that is cached already gets the cached one and gives its own back")
    func duplicates() throws {
        var blocks = allocator(4)
        let text: [Int32] = [1, 2, 3, 4, 5, 6, 7, 8]
        let (one, two) = (try fill(text, &blocks), try fill(text, &blocks))
        #expect(one == two && blocks.freeCount == 2)
        blocks.release(one.map(\.block))
        #expect(blocks.idleCount == 0)
        blocks.release(two.map(\.block))
        #expect(blocks.idleCount == 2)
    }

    @Test("of two texts with the same hash only one is cached, and neither gets the other's block")
    func collision() throws {
        // States after three tokens whose upper halves are equal: the fourth token makes the lower halves so.
        var generator = SystemRandomNumberGenerator()
        var seen: [UInt64: ([Int32], UInt64)] = [:]
        var found: ([Int32], [Int32])?
        while found == nil, seen.count < 2_000_000 {
            let text = (0..<3).map { _ in Int32.random(in: 0..<50_000, using: &generator) }
            let state = BlockChain.key(after: BlockChain.start.key, tokens: text[...])
            if let (other, otherState) = seen.updateValue((text, state), forKey: state >> 32), other != text {
                found = (text + [0], other + [Int32(truncatingIfNeeded: state ^ otherState)])
            }
        }
        let (one, two) = try #require(found)
        #expect(BlockChain.keys(of: one, blockSize: 4) == BlockChain.keys(of: two, blockSize: 4))
        var blocks = allocator(4)
        _ = try fill(one, &blocks)
        #expect(find(two, blocks) == [])
        let block = try take(&blocks)
        let published = blocks.publish(block, after: .start, tokens: two[...])
        #expect(published == nil)
        #expect(find(one, blocks).count == 1 && find(two, blocks) == [])
        blocks.release([block])
        #expect(blocks.idleCount == 0)
    }

    @Test("random sharing and eviction never give a text another text's block")
    func random() throws {
        var generator = SystemRandomNumberGenerator()
        var blocks = allocator(12)
        /// What each block was last written with, and all before it.
        var written: [Int32: [Int32]] = [:]
        var owners: [[Int32]] = []
        for _ in 0..<20_000 {
            if owners.count >= 3 || !owners.isEmpty && Bool.random(using: &generator) {
                blocks.release(owners.remove(at: Int.random(in: 0..<owners.count, using: &generator)))
                continue
            }
            // Few different tokens, so that many texts begin alike.
            let text = (0..<4 * Int.random(in: 1...4, using: &generator)).map {
                Int32($0 % 4 == 0 ? Int.random(in: 0...1, using: &generator) : 0)
            }
            var (chain, held): (BlockChain, [Int32]) = (.start, [])
            for start in stride(from: 0, to: text.count, by: 4) {
                let (tokens, whole) = (text[start..<start + 4], Array(text[..<(start + 4)]))
                if let found = blocks.find(after: chain, tokens: tokens) {
                    try #require(written[found.block] == whole)
                    blocks.share(found.block)
                    held.append(found.block)
                    chain = found.chain
                } else {
                    guard let block = blocks.allocate() else { break }
                    try #require(!owners.joined().contains(block) && !held.contains(block))
                    written[block] = whole
                    let published = blocks.publish(block, after: chain, tokens: tokens)
                    let found = try #require(published)
                    held.append(found.block)
                    chain = found.chain
                }
            }
            owners.append(held)
        }
        for held in owners { blocks.release(held) }
        #expect(blocks.freeCount == 12)
    }
}
