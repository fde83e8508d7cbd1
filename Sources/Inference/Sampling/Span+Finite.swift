extension Span<Float> {
    /// Whether every number is finite. One pass without branches: an exponent of all ones carries into the sign's place.
    var isFinite: Bool {
        var carry: UInt32 = 0
        for i in 0..<count { carry |= (self[i].bitPattern & 0x7f80_0000) &+ 0x0080_0000 }
        return carry & 0x8000_0000 == 0
    }
}
