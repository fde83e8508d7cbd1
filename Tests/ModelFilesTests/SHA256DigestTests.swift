import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite("SHA-256")
struct SHA256DigestTests {
    @Test("checksums are those of FIPS 180-4's examples, in memory and of a file of several pieces")
    func knownValues() throws {
        #expect(try SHA256Digest.of([]).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(try SHA256Digest.of(Array("abc".utf8)).hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let million = [UInt8](repeating: 0x61, count: 1_000_000)
        let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        #expect(try SHA256Digest.of(million).hex == expected)
        let folder = try TemporaryDirectory()
        let url = folder.url.appendingPathComponent("x")
        try Data(million + million + million).write(to: url)
        #expect(try SHA256Digest.ofFile(path: url.path) == SHA256Digest.of(million + million + million))
        #expect(throws: ModelFileError.self) { try SHA256Digest.ofFile(path: url.path + "x") }
    }

    @Test("a process may exit while its threads compute checksums")
    func exitsWhileComputing() async {
        await #expect(processExitsWith: .success) {
            for _ in 0..<4 {
                Thread.detachNewThread {
                    let bytes = [UInt8](repeating: 7, count: 1 << 20)
                    while (try? SHA256Digest.of(bytes)) != nil {}
                }
            }
            usleep(50_000)
            exit(EXIT_SUCCESS)
        }
    }
}
