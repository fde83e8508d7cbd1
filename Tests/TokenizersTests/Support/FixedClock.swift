import Foundation

/// The clock of golden files: noon of 26 July 2024, a Friday.
enum FixedClock {
    /// That time, as strftime formats it.
    static func text(_ format: String) -> String {
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday, parts.tm_hour, parts.tm_wday, parts.tm_yday) = (124, 6, 26, 12, 5, 207)
        var buffer = [CChar](repeating: 0, count: 256)
        let count = strftime(&buffer, buffer.count, format, &parts)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
