import Testing
import rudder

@Suite("Colours by value")
struct ValueColorTests {
    @Test("the scale grows lighter all the way, and its text is easy to read on it")
    func scale() {
        let colors = (0...100).map { ValueScale.color(Double($0) / 100) }
        for (lower, higher) in zip(colors, colors.dropFirst()) { #expect(higher.luminance >= lower.luminance) }
        #expect((colors.last?.luminance ?? 0) - (colors.first?.luminance ?? 1) > 0.6)
        for color in colors + colors.map(\.nearestOfPalette.color) {
            let ink = ValueScale.isDark(color) ? RGBColor(255, 255, 255) : RGBColor(0, 0, 0)
            #expect(color.contrast(with: ink) >= 4.5, "\(color)")
        }
    }

    @Test("xterm's palette by its numbers")
    func palette() {
        #expect(RGBColor(0, 0, 0).nearestOfPalette.number == 16)
        #expect(RGBColor(255, 255, 255).nearestOfPalette.number == 231)
        #expect(RGBColor(118, 118, 118).nearestOfPalette.number == 243)
        #expect(RGBColor(255, 0, 0).nearestOfPalette.number == 196)
    }

    @Test("values are placed between the lowest and the highest seen")
    func range() {
        var range = ValueRange()
        #expect(range.place(2) == 0.5)
        #expect(range.place(4) == 1)
        #expect(range.place(0) == 0)
        #expect(range.place(1) == 0.25)
        #expect(range.place(.nan) == 0.5)
        #expect(range.lowest == 0 && range.highest == 4)
    }

    @Test("a painted text is the text, with colours that end before each line does")
    func painting() {
        var painter = ValuePainter(depth: .full, isTerminal: true)
        let low = ValueScale.sequence(0.5, depth: .full)
        #expect(painter.paint("a\nb", value: 1) == "\(low)a\u{1b}[0m\n\(low)b\u{1b}[0m")
        #expect(painter.paint("plain", value: nil) == "plain")
        #expect(painter.paint("\u{1b}]0;title\u{07}x", value: nil) == "]0;titlex")
        var none = ValuePainter(depth: nil, isTerminal: false)
        #expect(none.paint("a\u{1b}b", value: 1) == "a\u{1b}b" && none.legend == nil)
    }

    @Test("who asked for colours, and what the terminal has, decide")
    func choice() {
        let terminal = ["TERM": "xterm-256color"]
        #expect(ColorChoice.auto.depth(environment: terminal, isTerminal: true) == .palette)
        #expect(ColorChoice.auto.depth(environment: terminal.merging(["COLORTERM": "truecolor"]) { $1 }, isTerminal: true) == .full)
        #expect(ColorChoice.auto.depth(environment: terminal, isTerminal: false) == nil)
        #expect(ColorChoice.auto.depth(environment: terminal.merging(["NO_COLOR": "1"]) { $1 }, isTerminal: true) == nil)
        #expect(ColorChoice.auto.depth(environment: ["TERM": "dumb"], isTerminal: true) == nil)
        #expect(ColorChoice.always.depth(environment: ["NO_COLOR": "1"], isTerminal: false) == .palette)
        #expect(ColorChoice.never.depth(environment: terminal, isTerminal: true) == nil)
    }

    @Test(
        "cells of characters",
        arguments: [
            ("a", 1), ("é", 1), ("e\u{301}", 1), ("漢", 2), ("한", 2), ("🙂", 2), ("👩‍👩‍👧", 2), ("🇩🇪", 2), ("❤️", 2), ("→", 1), ("\u{200b}", 0),
        ]
    )
    func widths(text: String, width: Int) {
        #expect(DisplayWidth.of(text) == width)
    }
}
