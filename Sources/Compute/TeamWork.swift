/// Work that a ``ThreadTeam`` shares out: items that can be done in any order, some at a time.
///
/// A value of its own type in place of a closure, so that a round of the team takes no memory. A work that holds plain values and pointers,
/// not references, also spares the threads the counting of them.
public protocol TeamWork {
    /// Does some of the items. Called from several threads at once, each time with other items; must not wait for another call.
    func run(_ items: Range<Int>)

    /// Does some items of the work that `pointer` points to. For the team alone; the default is right.
    static func run(_ pointer: UnsafeRawPointer, _ items: Range<Int>)
}

extension TeamWork {
    /// Does some items of the work that `pointer` points to.
    public static func run(_ pointer: UnsafeRawPointer, _ items: Range<Int>) {
        pointer.assumingMemoryBound(to: Self.self).pointee.run(items)
    }
}
