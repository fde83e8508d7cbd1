/// Something that reads what others wrote. It must refuse any bytes, or read them, without a crash, and in bounded time and memory.
protocol FuzzTarget: Sendable {
    /// Reads an input, and checks what must hold of the result; see ``Oracle``.
    func run(_ input: [UInt8])
}
