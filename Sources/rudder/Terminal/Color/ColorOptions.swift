import ArgumentParser
import Foundation

/// The option of subcommands that colour what they write.
struct ColorOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Colour steered tokens by value: auto (on a terminal, unless NO_COLOR is set), always or never.",
            discussion: """
                Values have to be traced for it, and with them each token's KL is computed, which takes some of the speed; never has it all \
                back. The answer is the same.
                """,
            valueName: "when"
        )
    )
    var color: ColorChoice = .auto

    /// The colours of standard output; nil for none.
    var depth: ColorDepth? {
        color.depth(environment: ProcessInfo.processInfo.environment, isTerminal: isatty(STDOUT_FILENO) == 1)
    }
}
