import Foundation
import Synchronization

/// Colours the pieces of answers that may come at the same time, on one scale.
final class AnswerPainter: Sendable {
    private let painter: Mutex<ValuePainter>

    init(depth: ColorDepth?) {
        painter = Mutex(ValuePainter(depth: depth, isTerminal: isatty(STDOUT_FILENO) == 1))
    }

    /// A piece in the colour of its value.
    func paint(_ piece: AnswerPiece) -> String {
        painter.withLock { $0.paint(piece.text, value: piece.value) }
    }

    /// What has the terminal write in the colour of a value; nil where nothing is coloured.
    func style(_ value: Float?) -> String? {
        painter.withLock { $0.style(value) }
    }

    /// The scale with its ends.
    var legend: String? {
        painter.withLock { $0.legend }
    }
}
