/// How the reader of an error sets what it is about.
package enum AdviceStyle: Sendable {
    /// By options of the command line.
    case options
    /// By commands of a chat.
    case commands
}
