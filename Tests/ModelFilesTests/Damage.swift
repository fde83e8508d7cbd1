import TestSupport

/// Every way in which the tests damage a small file.
struct Damage {
    let sound: [UInt8]

    /// The file cut short at every length.
    func cuts(_ check: ([UInt8]) throws -> Void) rethrows {
        for length in sound.indices { try check(Array(sound[..<length])) }
    }

    /// Every byte set to telling values, and every place overwritten by extreme integers of every width.
    func changes(upTo end: Int, _ check: ([UInt8]) throws -> Void) rethrows {
        let integers: [UInt64] = [0, .max, (1 << 63) - 1, 1 << 62, 1 << 60, (1 << 32) - 1, 1 << 31]
        for offset in 0..<end {
            for byte in [0x00, 0x01, 0x09, 0x20, 0x22, 0x7b, 0x80, 0xff, sound[offset] ^ 1] as [UInt8] {
                try check(replacing(offset, with: [byte]))
            }
            for width in [4, 8] {
                for number in integers { try check(replacing(offset, with: Array(GGUFBuilder.little(number).prefix(width)))) }
            }
        }
    }

    /// The file with several random bytes changed, or a piece of it removed or doubled.
    func random(_ count: Int, seed: UInt64, upTo end: Int, _ check: ([UInt8]) throws -> Void) rethrows {
        var generator = RandomNumbers(seed: seed)
        for _ in 0..<count {
            var bytes = sound
            let first = Int.random(in: 0..<end, using: &generator)
            let piece = first..<min(end, first + Int.random(in: 1...16, using: &generator))
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes.removeSubrange(piece)
            case 1: bytes.insert(contentsOf: sound[piece], at: first)
            default:
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    bytes[Int.random(in: 0..<end, using: &generator)] = UInt8.random(in: .min ... .max, using: &generator)
                }
            }
            try check(bytes)
        }
    }

    private func replacing(_ offset: Int, with replacement: [UInt8]) -> [UInt8] {
        var bytes = sound
        for (index, byte) in replacement.enumerated() where offset + index < bytes.count { bytes[offset + index] = byte }
        return bytes
    }
}
