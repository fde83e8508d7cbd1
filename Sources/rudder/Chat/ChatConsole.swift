import Foundation
import Inference
import Server

/// A chat at a terminal: prompts, the line editor, and Ctrl-C.
struct ChatConsole {
    private let input = TerminalInput()
    private let mode: TerminalMode
    /// Where prompts and the line are drawn.
    private let screen: Int32

    /// The console of this process; nil where standard input is no terminal.
    static func standard() -> ChatConsole? {
        guard isatty(STDIN_FILENO) == 1 else { return nil }
        // Standard output gets answers alone, unless it is the terminal, and standard error is not.
        let isOutput = isatty(STDOUT_FILENO) == 1 && isatty(STDERR_FILENO) == 0
        return ChatConsole(screen: isOutput ? STDOUT_FILENO : STDERR_FILENO)
    }

    /// Whether the terminal says that it can move its cursor.
    static var movesCursor: Bool {
        let terminal = ProcessInfo.processInfo.environment["TERM"] ?? ""
        return !terminal.isEmpty && terminal != "dumb"
    }

    private init(screen: Int32) {
        self.screen = screen
        mode = TerminalMode(input: STDIN_FILENO, output: screen)
    }

    /// Runs the chat until its user ends it.
    func run(_ chat: ChatSession) async throws {
        chat.isWatched = true
        let input = input
        let signals = TerminalSignals(mode: mode, interrupt: { input.interrupt() }, resize: { input.resize() })
        defer { withExtendedLifetime(signals) {} }
        let canMove = isatty(screen) == 1 && Self.movesCursor
        if canMove { TerminalRescue.install() }
        let canEdit = canMove && mode.enter()
        defer { mode.leave() }
        input.start(STDIN_FILENO)
        StandardError.write(chat.greeting + "\n")
        let file = canEdit ? HistoryFile.standard(ProcessInfo.processInfo.environment) : nil
        let history = try await OffPool.run { file?.read() ?? [] }
        var editor = LineEditor(history: LineHistory(history))
        var parser = KeyParser()
        var splitter = LineSplitter()
        // Keys that came in one piece with the end of the line before.
        var keys: [Key] = []
        while true {
            let line = canEdit ? await edit(&editor, &parser, &keys, chat) : await plainLine(&splitter, prompt: chat.prompt)
            guard let line else { break }
            if canEdit, !line.allSatisfy(\.isWhitespace), editor.remember(line), let file {
                try await OffPool.run { file.append(line) }
            }
            // Ctrl-C that came in one piece with the line is meant for its answer.
            if let place = keys.lastIndex(of: .interrupt) {
                keys.removeSubrange(...place)
                input.interrupt()
            }
            do {
                if try await chat.take(line, interruption: input) == .quit { break }
            } catch {
                StandardError.write(ErrorAdvice.text(error, style: .commands) + "\n")
            }
            // Ctrl-C gave up what was typed or pasted before it, the lines that came in one piece with this one, too.
            if input.takeInterruption() {
                keys = []
                parser = KeyParser()
                splitter.clear()
            }
            // Keyboard gone: nobody can ask for more.
            if input.hasEnded, keys.isEmpty, canEdit { break }
        }
    }

    /// Edits a line; nil at the end.
    private func edit(_ editor: inout LineEditor, _ parser: inout KeyParser, _ keys: inout [Key], _ chat: ChatSession) async -> String? {
        let size = TerminalSize.of(screen)
        var drawing = LineScreen(columns: size.columns, rows: size.rows)
        write(drawing.draw(prompt: chat.prompt, buffer: editor.buffer))
        while true {
            while !keys.isEmpty {
                let before = editor.buffer
                let effect = editor.take(keys.removeFirst()) { chat.completions(of: $0) }
                switch effect {
                case .nothing: break
                // Of a burst of keys the last is drawn.
                case .redraw: if keys.isEmpty { write(drawing.draw(prompt: chat.prompt, buffer: editor.buffer)) }
                case .clearScreen: write(drawing.clear() + drawing.draw(prompt: chat.prompt, buffer: editor.buffer))
                case .entered(let line):
                    write(drawing.finish(prompt: chat.prompt, buffer: before))
                    return line
                case .cancelled(let again):
                    write(drawing.finish(prompt: chat.prompt, buffer: before))
                    if again { return nil }
                    if before.isEmpty { write("Ctrl-C again, or Ctrl-D, ends\n") }
                    write(drawing.draw(prompt: chat.prompt, buffer: editor.buffer))
                case .ended:
                    write(drawing.finish(prompt: chat.prompt, buffer: before))
                    return nil
                case .suspend:
                    write(drawing.finish(prompt: chat.prompt, buffer: before))
                    suspend()
                    let size = TerminalSize.of(screen)
                    drawing = LineScreen(columns: size.columns, rows: size.rows)
                    write(drawing.draw(prompt: chat.prompt, buffer: editor.buffer))
                case .candidates(let words):
                    write(drawing.finish(prompt: chat.prompt, buffer: before) + words.joined(separator: "  ") + "\n")
                    write(drawing.draw(prompt: chat.prompt, buffer: editor.buffer))
                }
            }
            switch await input.next() {
            case .bytes(let bytes): keys += parser.take(bytes)
            case .pause: parser.pause()
            case .resized:
                let size = TerminalSize.of(screen)
                let erased = drawing.erase()
                drawing = LineScreen(columns: size.columns, rows: size.rows)
                write(erased + drawing.draw(prompt: chat.prompt, buffer: editor.buffer))
            case .ended:
                write("\n")
                return nil
            }
        }
    }

    /// Stops the program as Ctrl-Z does, and goes on where it was.
    private func suspend() {
        mode.leave()
        // To this thread: it is stopped before it goes on.
        pthread_kill(pthread_self(), SIGTSTP)
        mode.enter()
    }

    /// A line from a terminal that edits lines itself.
    private func plainLine(_ splitter: inout LineSplitter, prompt: String) async -> String? {
        write(prompt)
        var wasInterrupted = false
        while true {
            if let line = splitter.next() { return line }
            switch await input.next() {
            case .bytes([0x03]):
                splitter.clear()
                write("\n")
                if wasInterrupted { return nil }
                wasInterrupted = true
                write("Ctrl-C again, or Ctrl-D, ends\n" + prompt)
            case .bytes(let bytes):
                wasInterrupted = false
                splitter.take(bytes)
            case .pause, .resized: break
            case .ended:
                write("\n")
                return splitter.rest()
            }
        }
    }

    private func write(_ text: String) {
        if screen == STDERR_FILENO { StandardError.write(text) } else { StandardOutput.write(text) }
    }
}
