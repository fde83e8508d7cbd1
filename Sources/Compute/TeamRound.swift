/// One round of a ``ThreadTeam``: what is to be done, and how it is cut into pieces. The work lies on the caller's stack until all are done.
struct TeamRound {
    let kind: any TeamWork.Type
    let work: UnsafeRawPointer
    let total: Int
    let step: Int
    let pieces: Int

    /// Does one piece: whole steps, the last of them perhaps cut short.
    func run(_ piece: Int) {
        let steps = (total + step - 1) / step
        kind.run(work, steps * piece / pieces * step..<min(steps * (piece + 1) / pieces * step, total))
    }
}
