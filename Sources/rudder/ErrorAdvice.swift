import ArgumentParser
import Compute
import Control
import Foundation
import HTTP
import Inference
import Learning
import ModelFiles
import Server
import Tokenizers
import Transformer
import ValueRegistry

/// Says of any error why something could not be done, and what to do next. What only the place knows where it happened, such as the option that
/// named a file, is said there.
package enum ErrorAdvice {
    /// What to do where the machine has too little memory.
    static let lessMemory =
        "; --quantize q8_0 or q4_0 makes floating-point weights smaller, models.ID.kv_cache_bytes and models.ID.context the cache"

    /// The reason and the next step, in one line that is harmless to a terminal.
    ///
    /// - Parameter style: how the reader sets things.
    package static func text(_ error: any Error, style: AdviceStyle = .options) -> String {
        TerminalText.line(reason(error) + nextStep(error, style))
    }

    /// The reason alone; of Foundation's errors about files in a sentence, which they are not by themselves.
    static func reason(_ error: any Error) -> String {
        guard let error = error as? CocoaError else { return "\(error)" }
        let code = (error.underlying as? POSIXError)?.code.rawValue
        let reason = code.map { String(cString: strerror($0)) } ?? error.localizedDescription
        return error.filePath.map { "cannot use \($0.quoted): \(reason)" } ?? reason
    }

    /// The error as the program's end tells it: ArgumentParser's own as they are, any other in ``text(_:style:)``.
    static func told(_ error: any Error) -> any Error {
        // What the parser refuses, and help, have codes of their own.
        guard !(error is ExitCode), Rudder.exitCode(for: error) == .failure else { return error }
        return CommandError(text(error))
    }

    /// What follows the reason; empty where that says it all.
    private static func nextStep(_ error: any Error, _ style: AdviceStyle) -> String {
        switch error {
        case let error as ModelFileError: nextStep(error)
        case let error as ModelError: nextStep(error)
        case is AllocationError: lessMemory
        case is TokenizerError, is TemplateError: "; `rudder model verify PATH` checks the whole model"
        case let error as ValueRegistryError: nextStep(error)
        case is ValueFunctionError: "; `rudder heads verify FILE` checks it, `rudder train` and `rudder heads convert` make them"
        case is HeadReferenceError: "; `rudder heads list` lists those there are"
        case let error as ControlSettingsError:
            style == .commands ? "; \(command(error.field)) auto is the head's own again" : "; give it in --control"
        case let error as SamplingParametersError: "; set it with \(setting(error.field, style))"
        case is ControlError: "; steer by one head, or by heads that are for the same width and site"
        case let error as PoolError: nextStep(error, style)
        case let error as GenerationError: nextStep(error, style)
        case PromptError.noChatTemplate: "; --raw goes without one"
        case PromptError.refusedMessages: style == .commands ? "; /system off leaves that message out" : "; --raw goes without the template"
        case let error as RolloutError: nextStep(error)
        case RewardError.line(let error): nextStep(error)
        case let error as LineError: nextStep(error)
        case is CocoaError: "; is the place right, and may you use it?"
        case is HTTPClientError: "; is the address right, and does a server listen there?"
        default: ""
        }
    }

    private static func nextStep(_ error: ModelFileError) -> String {
        switch error {
        case .system where error.isOfWriting, .missingFile where error.isOfWriting:
            "; name a place where you may write, or free some space"
        case .missingFile: "; is its name right?"
        case .system: "; name a file that you may read"
        case .part(_, let error): nextStep(error)
        default: "; the file is damaged or of another kind: make or fetch it anew"
        }
    }

    private static func nextStep(_ error: ModelError) -> String {
        switch error {
        case .memory: lessMemory
        case .file(let error): nextStep(error)
        case .unsupportedArchitecture: "; Docs/models.md lists what runs"
        default: "; `rudder model verify PATH` checks the whole model"
        }
    }

    private static func nextStep(_ error: ValueRegistryError) -> String {
        switch error {
        case .system: "; --registry names another folder, or run where you may write"
        case .badName: "; `rudder heads list` lists those there are"
        case .refused: "; `rudder heads verify FILE` checks it"
        case .damaged: "; `rudder heads push` uploads it anew"
        }
    }

    private static func nextStep(_ error: PoolError, _ style: AdviceStyle) -> String {
        switch error {
        case .unavailable: lessMemory
        case .contextExceeded: tooLong(style)
        case .controlSize, .noControlSite: "; `rudder heads list` shows which model and width each is for"
        case .noStateSite: "; --site names one of them"
        case .sampling(let error): nextStep(error, style)
        case .emptyPrompt: "; write something"
        case .unknownModel: "; --model names one"
        case .tokenOutOfRange: "; --model names the model that the tokens are of"
        case .queueFull, .draining: "; try again"
        }
    }

    private static func nextStep(_ error: GenerationError, _ style: AdviceStyle) -> String {
        switch error {
        case .modelNotFinite: "; `rudder model verify PATH` finds damaged weights"
        // It names the settings as the control object does.
        case .controlNotFinite: style == .commands ? ": /step-size or /max-norm" : ""
        case .stateTooLarge: "; choose another --site"
        case .noAllowedToken, .workerFailed: "; try again, and report it if it stays"
        case .readerTooSlow, .stopped: "; try again"
        }
    }

    private static func nextStep(_ error: RolloutError) -> String {
        switch error {
        case .line(let error): nextStep(error)
        case .file(let error): nextStep(error)
        // They say it themselves.
        case .otherRun, .noRollouts, .badShard: ""
        }
    }

    private static func nextStep(_ error: LineError) -> String {
        error.nextStep == nil ? "; correct it, or name another file" : ""
    }

    /// What to do where prompt and answer do not fit into the context.
    static func tooLong(_ style: AdviceStyle) -> String {
        switch style {
        case .options: "; ask for fewer tokens, or shorten what the model is to read"
        case .commands: "; /clear begins anew, /undo takes the last exchange back, /max-tokens N asks for fewer"
        }
    }

    private static func setting(_ field: String, _ style: AdviceStyle) -> String {
        style == .commands ? command(field) : "--" + field.replacingOccurrences(of: "_", with: "-")
    }

    private static func command(_ field: String) -> String {
        "/" + field.replacingOccurrences(of: "_", with: "-")
    }
}
