/// Repeatable numbers (splitmix64).
struct RandomNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Bytes, most of them pieces of UTF-8.
    mutating func text(_ count: Int) -> [UInt8] {
        let pieces = ["a", "é", "日", "🙂", " ", "\n", "\u{301}", "1"].map { Array($0.utf8) }
        var bytes: [UInt8] = []
        while bytes.count < count {
            switch Int.random(in: 0..<10, using: &self) {
            case 0: bytes.append(UInt8.random(in: 0...255, using: &self))
            case 1: bytes += pieces[Int.random(in: 0..<pieces.count, using: &self)].dropLast()
            default: bytes += pieces[Int.random(in: 0..<pieces.count, using: &self)]
            }
        }
        return bytes
    }
}
