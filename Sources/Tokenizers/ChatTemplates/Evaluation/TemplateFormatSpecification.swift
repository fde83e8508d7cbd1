import Foundation

/// What stands behind the colon of a place in Python's `str.format`: `[[fill]align][sign][0][width][,][.precision][type]`.
struct TemplateFormatSpecification {
    private var fill: Unicode.Scalar = " "
    private var align: Unicode.Scalar?
    private var sign: Unicode.Scalar = "-"
    private var width = 0
    private var groupsThousands = false
    private var precision: Int?
    private var type: Unicode.Scalar?

    /// Larger widths and precisions are refused.
    private static let maximumWidth = 10_000
    private static let maximumPrecision = 100

    /// Reads a specification; nil for what is not supported.
    init?(_ text: String) {
        var rest = Substring(text).unicodeScalars
        func isAlign(_ scalar: Unicode.Scalar?) -> Bool { scalar == "<" || scalar == ">" || scalar == "^" }
        if isAlign(rest.dropFirst().first), let first = rest.popFirst() {
            fill = first
            align = rest.popFirst()
        } else if isAlign(rest.first) {
            align = rest.popFirst()
        }
        if let first = rest.first, first == "+" || first == "-" || first == " " {
            sign = first
            rest.removeFirst()
        }
        if rest.first == "0" {
            rest.removeFirst()
            if align == nil { (fill, align) = ("0", "=") }
        }
        guard let width = Self.number(&rest, most: Self.maximumWidth) else { return nil }
        self.width = width ?? 0
        if rest.first == "," {
            rest.removeFirst()
            groupsThousands = true
        }
        if rest.first == "." {
            rest.removeFirst()
            guard let digits = Self.number(&rest, most: Self.maximumPrecision), let digits else { return nil }
            precision = digits
        }
        type = rest.popFirst()
        guard rest.isEmpty else { return nil }
    }

    /// The number that comes next: an inner nil where there is none, an outer one where it is too large.
    private static func number(_ rest: inout Substring.UnicodeScalarView, most: Int) -> Int?? {
        let digits = rest.prefix { (0x30...0x39).contains($0.value) }
        rest = rest.dropFirst(digits.count)
        guard !digits.isEmpty else { return .some(nil) }
        guard let number = Int(String(digits)), number <= most else { return nil }
        return .some(number)
    }

    /// A value as specified; nil where it does not go with the value.
    func text(_ value: TemplateValue) -> String? {
        switch value {
        case .string(let text), .markup(let text):
            guard type == nil || type == "s", align != "=", !groupsThousands, sign == "-" else { return nil }
            return padded(precision.map { String(text.unicodeScalars.prefix($0)) } ?? text, isNumber: false)
        case .integer, .bool:
            guard let number = value.integer else { return nil }
            return integer(number)
        case .float(let number): return float(number)
        default: return nil
        }
    }

    private func integer(_ number: Int) -> String? {
        let digits: String
        switch type {
        case nil, "d": digits = grouped(String(number.magnitude))
        case "x": digits = String(number.magnitude, radix: 16)
        case "X": digits = String(number.magnitude, radix: 16, uppercase: true)
        case "o": digits = String(number.magnitude, radix: 8)
        case "b": digits = String(number.magnitude, radix: 2)
        default: return float(Double(number))
        }
        guard precision == nil, !groupsThousands || fill != "0" else { return nil }
        return padded(signed(digits, isNegative: number < 0), isNumber: true)
    }

    private func float(_ number: Double) -> String? {
        guard let type, number.isFinite, !groupsThousands || fill != "0" else { return nil }
        let digits: String
        switch type {
        case "f", "F": digits = String(format: "%.\(precision ?? 6)f", number.magnitude)
        case "e", "E": digits = String(format: "%.\(precision ?? 6)\(type)", number.magnitude)
        case "%": digits = String(format: "%.\(precision ?? 6)f%%", number.magnitude * 100)
        default: return nil
        }
        let end = digits.firstIndex { $0 == "." || $0 == "%" || $0 == "e" || $0 == "E" } ?? digits.endIndex
        return padded(signed(grouped(String(digits[..<end])) + digits[end...], isNegative: number.sign == .minus), isNumber: true)
    }

    /// Digits with a comma between thousands, if they are to have those.
    private func grouped(_ digits: String) -> String {
        guard groupsThousands else { return digits }
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { result.append(",") }
            result.append(digit)
        }
        return result
    }

    private func signed(_ digits: String, isNegative: Bool) -> String {
        isNegative ? "-" + digits : sign == "-" ? digits : "\(sign)" + digits
    }

    private func padded(_ text: String, isNumber: Bool) -> String {
        let missing = max(0, width - text.unicodeScalars.count)
        func padding(_ count: Int) -> String { PythonText.repeated(String(fill), count) }
        switch align ?? (isNumber ? ">" : "<") {
        case "<": return text + padding(missing)
        case "^": return padding(missing / 2) + text + padding(missing - missing / 2)
        case "=":
            let sign = text.prefix { $0 == "-" || $0 == "+" || $0 == " " }
            return sign + padding(missing) + text.dropFirst(sign.count)
        default: return padding(missing) + text
        }
    }
}
