import Foundation

/// Normalization form C (Unicode Standard Annex 15).
enum CanonicalComposition {
    /// A text in that form; nil where it is in it as it stands, or is not valid UTF-8.
    static func compose(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.contains(where: { $0 >= 0x80 }), let string = String(validating: text, as: UTF8.self) else { return nil }
        let composed = Array(string.precomposedStringWithCanonicalMapping.utf8)
        return composed.elementsEqual(text) || composed.isEmpty ? nil : composed
    }
}
