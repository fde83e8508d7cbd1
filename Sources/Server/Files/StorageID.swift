import Foundation

/// The ids of files and batches. They name folders, and in the order of their bytes they are in that of their making.
enum StorageID {
    /// A new id that begins with a word, such as `file-`.
    static func new(_ prefix: String) -> String {
        let microseconds = UInt64(max(0, Date().timeIntervalSince1970) * 1e6)
        return prefix + hexadecimal(microseconds) + hexadecimal(.random(in: 0 ... .max))
    }

    /// Whether a text that came from outside may be an id: no path has such a name that leads elsewhere.
    static func isPlausible(_ text: String) -> Bool {
        (1...80).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
                default: false
                }
            }
    }

    /// Sixteen hexadecimal digits.
    static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
