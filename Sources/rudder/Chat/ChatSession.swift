import Foundation
import Inference
import ModelFiles
import Server

/// A chat: takes lines, carries out commands, answers messages. Answers go to standard output, all else to standard error.
final class ChatSession {
    /// What a line led to.
    enum Outcome {
        case goOn
        case quit
    }

    /// A terminal at least so wide shows two answers side by side.
    private static let wideColumns = 100

    private let session: TerminalSession
    private var conversation: Conversation
    private var settings: ChatSettings
    private let colors: ColorDepth?
    private var painter: AnswerPainter
    private var savedPaths: Set<String> = []
    /// Whether somebody watches, who is told what was done.
    var isWatched = false

    init(session: TerminalSession, conversation: Conversation, settings: ChatSettings, colors: ColorDepth?) {
        self.session = session
        self.conversation = conversation
        self.settings = settings
        self.colors = colors
        painter = AnswerPainter(depth: colors)
    }

    /// What stands before a line.
    var prompt: String { "\(settings.headNames ?? "")\(settings.compares ? "/plain" : "")> " }

    /// What the line before the cursor could become.
    func completions(of line: String) -> [String] {
        ChatCommand.completions(of: line) { session.heads.map(\.name) }
    }

    /// The model, and what to do first.
    var greeting: String { "\(session.modelID). /help lists the commands, Ctrl-D ends." }

    /// Refuses settings that no request could have.
    func checkSettings() async throws {
        try await check(settings, style: .options)
    }

    /// Carries a line out.
    ///
    /// - Parameter interruption: stops an answer; nil where nobody can.
    func take(_ line: String, interruption: TerminalInput?) async throws -> Outcome {
        guard !line.allSatisfy(\.isWhitespace) else { return .goOn }
        if line.hasPrefix("/"), !line.hasPrefix("//") { return try await carryOut(ChatCommand(line), interruption) }
        if try await !answer(line.hasPrefix("/") ? String(line.dropFirst()) : line, interruption) {
            StandardError.write("stopped before anything came; the message is taken back\n")
        }
        return .goOn
    }

    // MARK: Commands

    private func carryOut(_ command: ChatCommand, _ interruption: TerminalInput?) async throws -> Outcome {
        switch command {
        case .quit: return .quit
        case .help: show(Table.text(ChatCommand.descriptions.map { ["\($0.name) \($0.argument)", $0.text] }))
        case .settings: show(Table.text(settings.rows + [["system", conversation.system ?? "none"]]))
        case .head(nil): listHeads()
        case .head(.some(let name)): try await setHead(name)
        case .headOff:
            settings.control = nil
            say(settings.compares ? "answers are plain; /compare has nothing to compare with" : "answers are plain")
        case .control(let name, let value): try await set(name, value, in: \.overrides)
        case .field(let name, let value): try await set(name, value, in: \.fields)
        case .compare: try toggleComparison()
        case .system(let text): setSystem(text)
        case .retry:
            let before = conversation
            guard let message = conversation.undo() else { throw CommandError("there is nothing to answer again: write a message first") }
            do {
                if try await !answer(message, interruption) {
                    conversation = before
                    StandardError.write("stopped before anything came; the answer before stays\n")
                }
            } catch {
                conversation = before
                throw error
            }
        case .undo:
            guard let message = conversation.undo() else { throw CommandError("there is nothing to take back: the conversation is empty") }
            say("taken back: \(TerminalText.harmless(String(message.prefix(60))).replacingOccurrences(of: "\n", with: " "))")
        case .clear:
            conversation.clear()
            say("a new conversation\(conversation.system == nil ? "" : ", with the same system message")")
        case .save(let path): try await save(path)
        }
        return .goOn
    }

    private func listHeads() {
        let current = settings.headNames
        let rows = session.heads.map { head in
            let isCurrent = current == head.name || current == "\(head.name)@\(head.version)"
            return [
                isCurrent ? "*" : " ", head.name, "\(head.version)", head.metadata["reward"] ?? "-", head.metadata["reward_gain"] ?? "-",
                head.model ?? "-",
            ]
        }
        guard !rows.isEmpty else {
            show("there are no value functions here: run where Config/heads is, or name a folder of them with --registry\n")
            return
        }
        show(Table.text([[" ", "NAME", "VERSION", "REWARD", "GAIN", "MODEL"]] + rows))
    }

    private func setHead(_ name: String) async throws {
        var changed = settings
        changed.control = [JSONKey("head"): .string(name)]
        try await check(changed)
        settings = changed
        // Values of one head are not those of another.
        painter = AnswerPainter(depth: colors)
        say("steered by \(name)" + (settings.overrides.count > 0 ? ", with settings of your own: /settings shows them" : ""))
    }

    private func set(_ name: String, _ value: JSONValue?, in place: WritableKeyPath<ChatSettings, JSONObject>) async throws {
        var changed = settings
        var fields = JSONObject()
        for (key, kept) in changed[keyPath: place] where key != JSONKey(name) { fields[key] = kept }
        fields[JSONKey(name)] = value
        changed[keyPath: place] = fields
        try await check(changed)
        settings = changed
    }

    private func toggleComparison() throws {
        guard settings.compares || settings.control != nil else {
            throw CommandError("/compare needs something to steer by: choose with /head NAME first; /head lists what there is")
        }
        settings.compares.toggle()
        say(settings.compares ? "every message is answered plain, too; the steered answer goes on" : "one answer to each message")
    }

    private func setSystem(_ text: String?) {
        guard let text else {
            show((conversation.system.map(TerminalText.harmless) ?? "no system message; /system TEXT sets one") + "\n")
            return
        }
        conversation.system = text.isEmpty ? nil : text
        say(text.isEmpty ? "no system message" : "system message set")
    }

    private func save(_ path: String) async throws {
        guard !conversation.messages.isEmpty else { throw CommandError("there is nothing to save: the conversation is empty") }
        let expanded = (path as NSString).expandingTildeInPath
        guard savedPaths.contains(expanded) || !FileManager.default.fileExists(atPath: expanded) else {
            throw CommandError("\(path) is there already: name another file, or remove it first")
        }
        let lines = conversation.lines
        do {
            try await OffPool.run { try AtomicFile.replace(expanded, with: lines) }
        } catch {
            throw CommandError("\(error); name a file in a folder where you may write")
        }
        savedPaths.insert(expanded)
        say("\(conversation.messages.count) messages in \(path)")
    }

    /// Refuses settings that no request could have; those of the control object, too, while there is no head.
    private func check(_ settings: ChatSettings, style: AdviceStyle = .commands) async throws {
        let message: JSONValue = .array([.object([JSONKey("role"): .string("user"), JSONKey("content"): .string("x")])])
        try await session.check(settings.request(model: session.modelID, messages: message, isPlain: false, traces: false), style: style)
        guard settings.control == nil, settings.overrides.count > 0 else { return }
        var unnamed = settings
        unnamed.control = [JSONKey("head"): .string("x")]
        try session.checkFields(unnamed.request(model: session.modelID, messages: message, isPlain: false, traces: false), style: style)
    }

    // MARK: Answers

    /// Answers a message.
    ///
    /// - Returns: whether something came of it; if not the conversation is as it was.
    private func answer(_ message: String, _ interruption: TerminalInput?) async throws -> Bool {
        conversation.append(ChatTurn(.user, message))
        let answer: ChatAnswer
        do {
            answer = settings.compares && settings.steering != nil ? try await compare(interruption) : try await single(interruption)
        } catch {
            conversation.undo()
            throw error
        }
        if answer.wasStopped, answer.text.isEmpty {
            conversation.undo()
            return false
        }
        conversation.append(ChatTurn(.assistant, answer.text))
        if answer.wasStopped { StandardError.write("stopped; what came stays in the conversation\n") }
        return true
    }

    private func single(_ interruption: TerminalInput?) async throws -> ChatAnswer {
        let painter = painter
        let answer = try await run(isPlain: false, interruption) { piece in StandardOutput.write(painter.paint(piece)) }
        endLine(answer.text)
        report(answer, label: nil)
        return answer
    }

    /// Answers plain and steered.
    ///
    /// - Returns: the steered answer, which goes on.
    private func compare(_ interruption: TerminalInput?) async throws -> ChatAnswer {
        let size = TerminalSize.of(STDOUT_FILENO)
        if isWatched, isatty(STDOUT_FILENO) == 1, size.columns >= Self.wideColumns, Self.movesCursor {
            return try await compareSideBySide(size, interruption)
        }
        let painter = painter
        StandardError.write("plain:\n")
        let plain = try await run(isPlain: true, interruption) { piece in StandardOutput.write(painter.paint(piece)) }
        endLine(plain.text)
        if plain.wasStopped { StandardError.write("stopped\n") }
        StandardError.write("steered by \(settings.headNames ?? ""):\n")
        let steered = try await run(isPlain: false, interruption) { piece in StandardOutput.write(painter.paint(piece)) }
        endLine(steered.text)
        report(plain, label: "plain: ")
        report(steered, label: "steered: ")
        return steered
    }

    private static var movesCursor: Bool { ChatConsole.movesCursor }

    /// Both answers run in one batch.
    private func compareSideBySide(_ size: TerminalSize, _ interruption: TerminalInput?) async throws -> ChatAnswer {
        let view = ComparisonScreen(
            ComparisonView(columns: size.columns, rows: size.rows),
            painter: painter,
            titles: ("plain", "steered by \(settings.headNames ?? "")")
        )
        let plain = start(isPlain: true, ended: { view.end(.left) }, take: { view.take($0, .left) })
        let steered = start(isPlain: false, ended: { view.end(.right) }, take: { view.take($0, .right) })
        interruption?.watch {
            plain.cancel()
            steered.cancel()
        }
        defer { interruption?.endWatching() }
        let first: ChatAnswer
        let second: ChatAnswer
        do {
            first = try await plain.value
            second = try await steered.value
        } catch {
            plain.cancel()
            steered.cancel()
            _ = try? await steered.value
            view.finish()
            throw error
        }
        view.finish()
        report(first, label: "plain: ")
        report(second, label: "steered: ")
        return second
    }

    private func run(
        isPlain: Bool,
        _ interruption: TerminalInput?,
        take: @escaping @Sendable (AnswerPiece) -> Void
    ) async throws -> ChatAnswer {
        let task = start(isPlain: isPlain, take: take)
        interruption?.watch { task.cancel() }
        defer { interruption?.endWatching() }
        do {
            return try await task.value
        } catch {
            // What went wrong has a line of its own.
            StandardOutput.endLine()
            throw error
        }
    }

    /// Begins to answer.
    ///
    /// - Parameter ended: called once nothing more comes, for whatever reason.
    private func start(
        isPlain: Bool,
        ended: @escaping @Sendable () -> Void = {},
        take: @escaping @Sendable (AnswerPiece) -> Void
    ) -> Task<ChatAnswer, any Error> {
        let request = settings.request(
            model: session.modelID,
            messages: conversation.json,
            isPlain: isPlain,
            traces: colors != nil
        )
        let session = session
        return Task {
            defer { ended() }
            return try await ChatAnswer.run(request, session: session, take: take)
        }
    }

    private func endLine(_ text: String) {
        if !text.hasSuffix("\n") { StandardOutput.write("\n") }
    }

    private func report(_ answer: ChatAnswer, label: String?) {
        guard isWatched, let summary = answer.summary else { return }
        let legend = label == "plain: " ? nil : painter.legend
        StandardError.write(
            (label ?? "") + AnswerReport.text(summary, time: answer.time, legend: isatty(STDERR_FILENO) == 1 ? legend : nil) + "\n"
        )
    }

    // MARK: Words

    /// Tells what was done, where somebody watches.
    private func say(_ text: String) {
        if isWatched { StandardError.write(text + "\n") }
    }

    /// Shows what was asked for.
    private func show(_ text: String) {
        StandardError.write(text)
    }
}
