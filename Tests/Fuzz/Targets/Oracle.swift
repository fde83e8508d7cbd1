#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What must hold of every input that is read. Where it does not, the process ends as on a crash, and libFuzzer keeps the input.
enum Oracle {
    /// Demands that something holds.
    static func expect(_ holds: Bool, _ what: @autoclosure () -> String) {
        guard !holds else { return }
        complain("the oracle says: \(what())")
        abort()
    }

    /// Demands that something does not fail.
    static func succeed<Value>(_ what: String, _ body: () throws -> Value) -> Value {
        do { return try body() } catch {
            complain("the oracle says: \(what), but: \(error)")
            abort()
        }
    }

    /// Writes a line to standard error.
    static func complain(_ line: String) {
        let text = Array("fuzz: \(line)\n".utf8)
        _ = text.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }
}
