/// Keeps the largest few of many values: a heap whose root is the smallest kept. Of equal values the one with the smaller index is larger.
struct TopSelection {
    struct Entry {
        let index: Int32
        let value: Float

        @inline(__always)
        func isBelow(_ other: Entry) -> Bool {
            value < other.value || (value == other.value && index > other.index)
        }
    }

    private let count: Int
    private var heap: [Entry] = []

    init(count: Int) {
        self.count = max(count, 0)
    }

    @inline(__always)
    mutating func offer(index: Int32, value: Float) {
        let entry = Entry(index: index, value: value)
        if heap.count < count {
            heap.append(entry)
            rise(heap.count - 1)
        } else if let smallest = heap.first, smallest.isBelow(entry) {
            heap[0] = entry
            sink(0)
        }
    }

    /// What was kept, largest first.
    func sorted() -> [Entry] {
        heap.sorted { $1.isBelow($0) }
    }

    private mutating func rise(_ start: Int) {
        var child = start
        while child > 0, heap[child].isBelow(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func sink(_ start: Int) {
        var parent = start
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].isBelow(heap[smallest]) {
                smallest = child
            }
            guard smallest != parent else { return }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
