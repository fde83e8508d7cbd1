import Foundation

/// What Linux tells of this process in /proc.
struct ProcessStatistics {
    /// Seconds since 1970.
    let startTime: Double
    let processorSeconds: Double
    let residentBytes: Int
    let openDescriptors: Int
    let maximumDescriptors: Int

    /// Asks the system; nil where it does not tell.
    init?() {
        let (ticks, page) = (Double(sysconf(Int32(_SC_CLK_TCK))), sysconf(Int32(_SC_PAGESIZE)))
        // Behind the program's name, which stands in parentheses and may hold anything, begins field 3.
        guard let own = Self.read("/proc/self/stat"), let end = own.lastIndex(of: UInt8(ascii: ")")), ticks > 0 else { return nil }
        let fields = own[(end + 1)...].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        func field(_ number: Int) -> Double? { fields.indices.contains(number - 3) ? Double(fields[number - 3]) : nil }
        guard let user = field(14), let system = field(15), let start = field(22), let pages = field(24).flatMap({ Int(exactly: $0) }),
            let boot = Self.bootTime, let descriptors = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        else { return nil }
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        startTime = boot + start / ticks
        processorSeconds = (user + system) / ticks
        residentBytes = pages.multipliedReportingOverflow(by: page).partialValue
        // One is that of the folder itself.
        openDescriptors = max(0, descriptors.count - 1)
        maximumDescriptors = Int(clamping: limit.rlim_cur)
    }

    /// When the machine started, in seconds since 1970.
    private static var bootTime: Double? {
        guard let text = read("/proc/stat") else { return nil }
        let line = text.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: "btime ".utf8) }
        return line.flatMap { Double(String(decoding: $0.dropFirst(6), as: UTF8.self)) }
    }

    private static func read(_ path: String) -> [UInt8]? {
        FileManager.default.contents(atPath: path).map(Array.init)
    }
}
