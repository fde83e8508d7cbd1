import Synchronization

/// Shows two answers that come at the same time.
final class ComparisonScreen: Sendable {
    private let view: Mutex<ComparisonView>
    private let painter: AnswerPainter

    init(_ view: ComparisonView, painter: AnswerPainter, titles: (String, String)) {
        var view = view
        view.append(titles.0 + "\n\n", style: nil, .left)
        view.append(titles.1 + "\n\n", style: nil, .right)
        self.view = Mutex(view)
        self.painter = painter
    }

    /// Takes a piece of one of them.
    func take(_ piece: AnswerPiece, _ side: ComparisonView.Side) {
        let style = painter.style(piece.value)
        view.withLock { view in
            view.append(TerminalText.harmless(piece.text), style: style, side)
            StandardOutput.write(view.draw())
        }
    }

    /// One of them is whole.
    func end(_ side: ComparisonView.Side) {
        view.withLock { $0.end(side) }
    }

    /// Both are whole.
    func finish() {
        view.withLock { view in
            view.end(.left)
            view.end(.right)
            StandardOutput.write(view.draw() + ValueScale.reset)
        }
    }
}
