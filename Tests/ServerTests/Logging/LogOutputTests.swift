import Foundation
import Server
import Testing

@Suite("the log's output")
struct LogOutputTests {
    /// Reads a pipe to its end on a thread of its own.
    private func readAll(_ handle: FileHandle) async -> [UInt8] {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: Array(handle.readDataToEndOfFile())) }
        }
    }

    @Test("lines of many threads arrive whole, each thread's in order")
    func whole() async throws {
        let pipe = Pipe()
        async let arrived = readAll(pipe.fileHandleForReading)
        let output = LogOutput(descriptor: pipe.fileHandleForWriting.fileDescriptor, format: .text)
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<8 {
                group.addTask {
                    for index in 0..<400 {
                        // Some are longer than what a pipe takes at once.
                        let filling = String(repeating: "x", count: index % 50 == 0 ? 9000 : 40)
                        output.write(Array("\(thread) \(index) \(filling)\n".utf8))
                    }
                }
            }
        }
        output.flush(timeout: .seconds(20))
        try pipe.fileHandleForWriting.close()
        let lines = String(decoding: await arrived, as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
        #expect(lines.count == 3200)
        for thread in 0..<8 {
            let own = lines.filter { $0.first == "\(thread)" }
            #expect(own.map { Int($0[1]) } == Array(0..<400))
            #expect(own.allSatisfy { $0.count == 3 && [40, 9000].contains($0[2].count) && $0[2].allSatisfy { $0 == "x" } })
        }
    }

    @Test("whoever logs into a pipe that nobody empties does not wait; what is too much is dropped, and that is said")
    func neverWaits() async throws {
        let pipe = Pipe()
        let output = LogOutput(descriptor: pipe.fileHandleForWriting.fileDescriptor, format: .json)
        let line = Array((String(repeating: "y", count: 999) + "\n").utf8)
        let start = ContinuousClock.now
        for _ in 0..<4000 { output.write(line) }
        output.flush(timeout: .milliseconds(50))
        #expect(ContinuousClock.now - start < .seconds(5))
        async let arrived = readAll(pipe.fileHandleForReading)
        output.flush(timeout: .seconds(20))
        output.write(Array("last\n".utf8))
        output.flush(timeout: .seconds(20))
        try pipe.fileHandleForWriting.close()
        let lines = String(decoding: await arrived, as: UTF8.self).split(separator: "\n")
        let kept = lines.count { $0.hasPrefix("y") }
        #expect(kept > 1000 && kept < 4000 && lines.last == "last")
        let notices = try lines.filter { $0.hasPrefix("{") }.map { try JSONParser.parse(String($0)) }
        #expect(notices.count == 1 && notices[0]["lines"]?.integer == 4000 - kept && notices[0]["level"]?.text == "warning")
    }

    @Test("a descriptor that is closed loses lines and nothing else")
    func closed() {
        let output = LogOutput(descriptor: -1, format: .text)
        output.write(Array("lost\n".utf8))
        output.flush()
    }
}
