import FuzzDriver

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Runs one target under libFuzzer.
@main
enum Fuzz {
    /// The variable that names the target. It is not an argument, for libFuzzer starts the program again with arguments of its own.
    private static let variable = "RUDDER_FUZZ_TARGET"

    private static let makers: [String: @Sendable () throws -> any FuzzTarget] = [
        "http-head": RequestHeadFuzz.init,
        "http-chunks": ChunkedBodyFuzz.init,
        "http-form": FormFuzz.init,
        "json": JSONRequestFuzz.init,
        "gguf": GGUFFuzz.init,
        "safetensors": SafetensorsFuzz.init,
        "pickle": PickleFuzz.init,
        "tokenizer-json": TokenizerJSONFuzz.init,
        "jinja": ChatTemplateFuzz.init,
        "head-upload": HeadUploadFuzz.init,
    ]

    /// The target that was asked for.
    static let target: any FuzzTarget = {
        let name = getenv(variable).map { String(cString: $0) } ?? ""
        guard let make = makers[name] else {
            Oracle.complain("\(variable) is '\(name)'; expected one of \(makers.keys.sorted().joined(separator: ", "))")
            exit(2)
        }
        do { return try make() } catch {
            Oracle.complain("the target \(name) cannot start: \(error)")
            exit(2)
        }
    }()

    static func main() {
        var (count, arguments) = (CommandLine.argc, Optional(CommandLine.unsafeArgv))
        exit(LLVMFuzzerRunDriver(&count, &arguments, runFuzzTarget))
    }
}

/// Called by libFuzzer with one input after the other. The name is for libFuzzer's own main, which is linked, too, and not used.
@_cdecl("LLVMFuzzerTestOneInput")
public func runFuzzTarget(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    Fuzz.target.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}
