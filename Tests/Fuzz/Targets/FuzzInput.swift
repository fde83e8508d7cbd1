/// An input from whose beginning choices are taken; the rest is what is read.
struct FuzzInput {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    /// One choice; 0 where nothing is left.
    mutating func byte() -> UInt8 {
        rest.popFirst() ?? 0
    }

    /// What is left.
    var bytes: [UInt8] {
        Array(rest)
    }

    /// What is left, cut into pieces as two choices say, which are taken first: most of one length, or of lengths that vary.
    mutating func pieces() -> [[UInt8]] {
        let (first, second) = (Int(byte()), Int(byte()))
        var (pieces, rest, seed) = ([[UInt8]](), rest, first)
        while !rest.isEmpty {
            let length = 1 + (second == 0 ? first : seed % (second + 1))
            pieces.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
            seed = (seed * 1_103 + 12_345) & 0xffff
        }
        return pieces
    }

    /// What is left, in two at the first byte that is `mark`; the second is empty where there is none.
    func split(at mark: UInt8) -> (first: [UInt8], second: [UInt8]) {
        guard let place = rest.firstIndex(of: mark) else { return (Array(rest), []) }
        return (Array(rest[..<place]), Array(rest[(place + 1)...]))
    }
}
