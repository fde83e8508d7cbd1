import Foundation
import ModelFiles
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

@Suite("Mapped files")
struct MappedFileTests {
    private func refusal(_ path: String) -> String {
        do throws(ModelFileError) {
            _ = try MappedFile(path: path)
            return "no error"
        } catch {
            return "\(error)"
        }
    }

    @Test("a regular file's bytes are there, none of an empty one")
    func maps() throws {
        let folder = try TemporaryDirectory()
        let url = folder.url.appendingPathComponent("x")
        for bytes in [[1, 2, 3], []] as [[UInt8]] {
            try Data(bytes).write(to: url)
            let file = try MappedFile(path: url.path)
            withExtendedLifetime(file) { #expect(Array(file.bytes) == bytes) }
        }
    }

    @Test("what is not a regular file is refused at once: folders, devices, and pipes that nobody writes to")
    func refuses() throws {
        let folder = try TemporaryDirectory()
        let pipe = folder.url.appendingPathComponent("pipe").path
        #expect(mkfifo(pipe, 0o600) == 0)
        for path in [pipe, folder.url.path, "/dev/zero"] { #expect(refusal(path).contains("it is not a regular file")) }
        #expect(throws: ModelFileError.self) { try SHA256Digest.ofFile(path: pipe) }
    }

    @Test("a name with a NUL byte is not read as the part before it")
    func nul() throws {
        let folder = try TemporaryDirectory()
        let url = folder.url.appendingPathComponent("x")
        try Data([1]).write(to: url)
        #expect(refusal(url.path + "\u{0}y").contains("NUL"))
        #expect(refusal(url.path + "y").contains("no such file"))
    }

    @Test("a file that is cut short or overwritten is noticed; one that is replaced under its name stays as it was")
    func changes() throws {
        let folder = try TemporaryDirectory()
        let url = folder.url.appendingPathComponent("x")
        try Data([1, 2, 3]).write(to: url)
        let file = try MappedFile(path: url.path)
        try AtomicFile.replace(url.path, with: [4])
        try file.checkUnchanged()
        withExtendedLifetime(file) { #expect(Array(file.bytes) == [1, 2, 3]) }

        let cut = try MappedFile(path: url.path)
        #expect(truncate(url.path, 0) == 0)
        let error = #expect(throws: ModelFileError.self) { try cut.checkUnchanged() }
        #expect("\(try #require(error))".contains("from 1 to 0 bytes"))
    }
}
