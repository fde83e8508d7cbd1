import Foundation

/// A secret that nobody can guess: 256 random bits.
enum RandomSecret {
    /// What every key begins with, so that tools which look for leaked secrets can tell them.
    static let prefix = "sk-rudder-"

    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let text = Data(bytes).base64EncodedString()
        return prefix + text.filter { $0 != "=" }.map { ["+": "-", "/": "_"][$0] ?? String($0) }.joined()
    }
}
