/// What pre-tokenizers tell apart: letters (\p{L}), numbers (\p{N}), white space (\s) and the rest.
enum ScalarClass: UInt8 {
    case letter
    case number
    case space
    case other

    init(_ scalar: Unicode.Scalar) {
        if scalar.value < 0x80 {
            switch scalar.value {
            case 0x30...0x39: self = .number
            case 0x41...0x5a, 0x61...0x7a: self = .letter
            case 0x09...0x0d, 0x20: self = .space
            default: self = .other
            }
            return
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: self = .letter
        case .decimalNumber, .letterNumber, .otherNumber: self = .number
        default: self = scalar.properties.isWhitespace ? .space : .other
        }
    }
}
