import TestSupport

extension RandomNumbers {
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
