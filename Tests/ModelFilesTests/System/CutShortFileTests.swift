import Foundation
import ModelFiles
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite("mapped files that are cut short")
struct CutShortFileTests {
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
    }

    private func file(_ name: String, pages: Int) throws -> URL {
        let url = folder.url.appendingPathComponent(name)
        try Data((0..<pages * 4096).map { UInt8(truncatingIfNeeded: $0 / 4096 + 1) }).write(to: url)
        return url
    }

    @Test("pages that the file lost read as zeros, the process lives, and the mapping says so; another is as it was")
    func cutShort() throws {
        let (url, other) = (try file("a", pages: 8), try file("b", pages: 8))
        let (mapped, whole) = (try MappedFile(path: url.path), try MappedFile(path: other.path))
        #expect(mapped.bytes[4096] == 2 && !mapped.isDamaged)
        #expect(truncate(url.path, 4096) == 0)
        #expect(!mapped.isDamaged)
        #expect(mapped.bytes[0] == 1 && !mapped.isDamaged)
        #expect(mapped.bytes[3 * 4096] == 0 && mapped.isDamaged)
        #expect(mapped.bytes[8 * 4096 - 1] == 0 && mapped.bytes[4096] == 0 && mapped.bytes[0] == 1)
        #expect(throws: ModelFileError.self) { try mapped.checkUnchanged() }
        #expect(whole.bytes[7 * 4096] == 8 && !whole.isDamaged)
    }

    @Test("what was read as zeros is told also where the file has its size and its time again")
    func hidden() throws {
        let url = try file("a", pages: 8)
        var times = [timespec(), timespec()]
        var status = stat()
        #expect(stat(url.path, &status) == 0)
        (times[0], times[1]) = (status.st_atim, status.st_mtim)
        let mapped = try MappedFile(path: url.path)
        #expect(truncate(url.path, 4096) == 0 && mapped.bytes[4 * 4096] == 0)
        #expect(truncate(url.path, 8 * 4096) == 0 && utimensat(AT_FDCWD, url.path, &times, 0) == 0)
        let error = #expect(throws: ModelFileError.self) { try mapped.checkUnchanged() }
        #expect(error.map { "\($0)".contains("lost") } == true)
    }

    @Test("many threads may meet the loss at once")
    func threads() throws {
        let url = try file("a", pages: 512)
        let mapped = try MappedFile(path: url.path)
        #expect(truncate(url.path, 0) == 0)
        DispatchQueue.concurrentPerform(iterations: 512) { page in
            if mapped.bytes[(page * 31 % 512) * 4096] != 0 { Issue.record("page \(page)") }
        }
        #expect(mapped.isDamaged)
    }

    @Test("a file that was replaced under its name, or removed, stays what it was")
    func replaced() throws {
        let url = try file("a", pages: 2)
        let mapped = try MappedFile(path: url.path)
        try Data("other".utf8).write(to: url, options: .atomic)
        #expect(mapped.bytes[4096] == 2 && !mapped.isDamaged)
        try FileManager.default.removeItem(at: url)
        #expect(mapped.bytes[8191] == 2)
        try mapped.checkUnchanged()
    }

    @Test("a mapping that is made where a damaged one was is whole")
    func forgotten() throws {
        for _ in 0..<2000 {
            let url = try file("a", pages: 1)
            let mapped = try MappedFile(path: url.path)
            #expect(!mapped.isDamaged)
            _ = truncate(url.path, 0)
            #expect(mapped.bytes[0] == 0 && mapped.isDamaged)
        }
    }
}
