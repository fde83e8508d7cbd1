/// A way to compute the ascent of one row, in three stages, of which the first two can be cut into blocks that different threads compute.
///
/// A row is opened, projected and finished, each stage only after all blocks of the one before. The result does not depend on who computed
/// which block. `memory` is the row's own, `memorySize` numbers, and lives from the first stage to the last.
protocol ControlPath: Sendable {
    /// How many numbers of scratch memory a row needs.
    var memorySize: Int { get }
    /// How many blocks the first two stages have; 0 where ``finish`` does everything.
    var blockCount: Int { get }
    /// How many multiplications a block takes, about.
    var blockWork: Int { get }

    /// First stage: reads the state.
    func open(_ blocks: Range<Int>, state: UnsafePointer<Float>, settings: ControlSettings, memory: UnsafeMutablePointer<Float>)

    /// Prepares the second stage: each thread that computes blocks of it fills a vector of its own, as wide as a state.
    func gatherGradient(settings: ControlSettings, memory: UnsafeMutablePointer<Float>, into gradient: UnsafeMutablePointer<Float>)

    /// Second stage.
    func project(_ blocks: Range<Int>, settings: ControlSettings, memory: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>)

    /// Third stage: takes the steps and moves the state in place.
    func finish(
        state: UnsafeMutablePointer<Float>,
        settings: ControlSettings,
        memory: UnsafeMutablePointer<Float>
    ) -> ControlOutcome

    /// V of a state.
    func value(_ state: UnsafePointer<Float>, memory: UnsafeMutablePointer<Float>) -> Float
}
