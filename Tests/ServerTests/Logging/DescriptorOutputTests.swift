import Foundation
import Server
import Testing

@Suite("writing to a descriptor")
struct DescriptorOutputTests {
    @Test("a pipe that is full and does not wait gets all that is written, in time")
    func nonBlocking() async throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let (reading, writing) = (FileHandle(fileDescriptor: ends[0], closeOnDealloc: true), ends[1])
        #expect(fcntl(writing, F_SETFL, O_NONBLOCK) == 0)
        let bytes = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 >> 3) }
        let writer = Thread {
            _ = DescriptorOutput.write(bytes, to: writing)
            close(writing)
        }
        writer.start()
        try await Task.sleep(for: .milliseconds(50))
        #expect(try reading.readToEnd() == Data(bytes))
    }
}
