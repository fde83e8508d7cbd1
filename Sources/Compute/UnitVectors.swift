import CKernels

/// What gradient ascent in a value function's hidden space keeps for each unit, for the inner loop of Control. Plain pointers to as many numbers
/// as there are units.
public struct UnitVectors {
    private var units: rudder_units
    private let change: UnsafePointer<Float>
    private let deviation: UnsafeMutablePointer<Float>

    /// Names the vectors.
    ///
    /// - Parameters:
    ///   - start: where each unit began.
    ///   - direction: how it moves in a step of length 1.
    ///   - moved: how far it has come.
    ///   - current: where it is.
    ///   - change: how `deviation` grows in a step of length 1.
    ///   - deviation: grows with `change`.
    ///   - count: how many units there are.
    public init(
        start: UnsafePointer<Float>,
        direction: UnsafePointer<Float>,
        moved: UnsafeMutablePointer<Float>,
        current: UnsafeMutablePointer<Float>,
        change: UnsafePointer<Float>,
        deviation: UnsafeMutablePointer<Float>,
        count: Int
    ) {
        units = rudder_units(
            start: start,
            direction: direction,
            change: nil,
            moved: moved,
            deviation: nil,
            current: current,
            count: Int64(count)
        )
        self.change = change
        self.deviation = deviation
    }

    /// Takes a step: moved += step * direction and, with `deviates`, deviation += step * change; then current = start + moved.
    ///
    /// - Parameters:
    ///   - step: the step's length.
    ///   - deviates: false where `change` is 0 everywhere.
    ///   - flipped: room for the number of every unit and 16 more; gets those whose `current` became positive or ceased to be, in ascending order.
    /// - Returns: how many they are.
    public mutating func advance(step: Float, deviates: Bool, flipped: UnsafeMutablePointer<Int32>) -> Int {
        units.change = deviates ? change : nil
        units.deviation = deviates ? deviation : nil
        return withUnsafePointer(to: units) { Int(KernelSet.best.table.advance_units($0, step, flipped)) }
    }
}
