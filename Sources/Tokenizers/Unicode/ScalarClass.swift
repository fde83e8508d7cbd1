/// What pre-tokenizers tell apart: letters (`\p{L}`), numbers (`\p{N}`), white space (`\s`) and the rest.
enum ScalarClass: UInt8 {
    case other = 0
    case letter = 1
    case number = 2
    case space = 3
}
