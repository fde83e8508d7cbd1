import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite("Replacing files")
struct AtomicFileTests {
    @Test("a file is replaced whole, and nothing else is left in its folder")
    func replaces() throws {
        let folder = try TemporaryDirectory()
        let url = folder.url.appendingPathComponent("x")
        for bytes in [[1, 2, 3], [], [4]] as [[UInt8]] {
            try AtomicFile.replace(url.path, with: bytes)
            #expect(try Array(Data(contentsOf: url)) == bytes)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["x"])
        }
    }

    @Test("a file that cannot be written or replaced is an error that names it, and leaves nothing behind")
    func fails() throws {
        let error = #expect(throws: ModelFileError.self) { try AtomicFile.replace("/nowhere/x", with: [1]) }
        #expect("\(try #require(error))".contains("/nowhere/x"))
        let folder = try TemporaryDirectory()
        let occupied = folder.url.appendingPathComponent("x")
        try FileManager.default.createDirectory(at: occupied, withIntermediateDirectories: false)
        #expect(throws: ModelFileError.self) { try AtomicFile.replace(occupied.path, with: [1]) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["x"])
    }
}
