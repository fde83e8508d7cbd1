import Foundation
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
            Self.draw(&view)
        }
    }

    /// One of them is whole.
    func end(_ side: ComparisonView.Side) {
        view.withLock { view in
            view.end(side)
            Self.draw(&view)
        }
    }

    /// Both are whole.
    func finish() {
        view.withLock { view in
            view.end(.left)
            view.end(.right)
            Self.draw(&view)
            StandardOutput.write(ValueScale.reset)
        }
    }

    private static func draw(_ view: inout ComparisonView) {
        let size = TerminalSize.of(STDOUT_FILENO)
        StandardOutput.write(view.fit(columns: size.columns, rows: size.rows) + view.draw())
    }
}
