import TestSupport
import Testing
import Tokenizers

@Suite("Template errors")
struct TemplateErrorTests {
    @Test(
        "errors name the line and the reason",
        arguments: [
            ("a\n{{ x.y }}", 2, "'x' is undefined and has no member 'y'"),
            ("{% if true %}\n\n{{ 1 + 'a' }}{% endif %}", 3, "an integer + a string is not possible"),
            ("{{ 'a'\n~ nothing() }}", 2, "'nothing' is undefined"),
            ("\n{% include 'x' %}", 2, "the statement 'include' is not supported here"),
            ("a\n{% if x %}\n\n", 3, "expected elif or else or endif for the block of line 2, found the end of the template"),
            ("{{ 1 ?}}", 1, "unexpected character '?'"),
            ("{#\n#}\n{{ 'abc\n }}", 3, "a string is not closed"),
            ("{% for i in [1] %}\n{{ i|nope }}\n{% endfor %}", 2, "the filter 'nope' is not supported"),
            ("{% macro m() %}\n{{ 1 / 0 }}{% endmacro %}\n{{ m() }}", 2, "division by zero"),
            ("\n\n{{ (1 }}", 3, "unexpected '}', expected ')'"),
            ("{% for i in [1] %}\n{% macro m() %}{% break %}{% endmacro %}{% endfor %}", 2, "'break' outside a loop"),
            ("{{ [].append(1) }}", 1, "'append' would change a list, which templates may not"),
        ]
    )
    func lines(source: String, line: Int, reason: String) {
        let found = ChatTemplate.error(of: source)
        #expect(found?.line == line && found?.reason == reason && found?.isRefusal == false, "\(found.map { "\($0)" } ?? "none")")
    }

    @Test("a template's own refusal is told from its errors")
    func refusal() {
        let found = ChatTemplate.error(of: "\n{{ raise_exception('Roles must alternate') }}")
        #expect(found?.isRefusal == true && found?.reason == "Roles must alternate" && found?.line == 2)
        #expect(found?.description == "chat template, line 2: Roles must alternate")
    }

    @Test(
        "work, depth and size are bounded",
        arguments: [
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            "{% macro m() %}{% call n() %}{{ m() }}{% endcall %}{% endmacro %}{% macro n() %}{{ caller() }}{% endmacro %}{{ m() }}",
            "{% set ns = namespace(x='a') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
            "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
            "{% set ns = namespace(x=1) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
            "{% set ns = namespace(x=1) %}{% for i in range(9999) %}{% set ns.x = {'a': ns.x} %}{% endfor %}{{ ns.x }}",
            "{% set ns = namespace(x=1) %}{% macro w() %}{% set ns.x = varargs %}{% endmacro %}{% for i in range(9999) %}{{ w(ns.x) }}{% endfor %}",
            "{% set x = 'a' * 9000000 %}{{ x|replace('a', x) }}", "{{ 'a' * 9223372036854775807 }}", "{{ [1] * 9223372036854775807 }}",
            "{{ 10 ** 1000 }}", "{{ 9223372036854775807 + 1 }}", "{{ (-9223372036854775807 - 1) // -1 }}",
            "{{ range(9223372036854775807) }}",
            "{{ 'a'.center(9223372036854775807) }}", "{{ '%9999999999d' % 1 }}", "{{ '\n\n'|indent(9999999) }}",
            "{{ 99999999999999999999 }}",
            "{{ " + String(repeating: "(", count: 5000), "{{ a" + String(repeating: ".a", count: 5000) + " }}",
            "{{ " + String(repeating: "- ", count: 5000) + "1 }}", "{{ 1" + String(repeating: " if 1", count: 5000) + " }}",
            String(repeating: "{% if 1 %}", count: 5000), "{{ a" + String(repeating: "|upper", count: 5000) + " }}",
            String(repeating: " ", count: ChatTemplate.maximumSize + 1),
        ]
    )
    func bounds(source: String) {
        #expect(ChatTemplate.error(of: source).map { !$0.isRefusal } == true)
    }

    @Test("loops that never end are stopped")
    func endlessLoops() {
        let source = "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}"
        #expect(ChatTemplate.error(of: source)?.reason == "the template takes too long")
    }

    @Test("what is damaged in any way is refused or rendered, never a trap", arguments: 1...30)
    func damaged(seed: UInt64) {
        let source = Array(
            "{%- macro m(a, b=[1]) %}{{ a[::-1]|join('-') ~ b[0] }}{% endmacro %}{% for x in messages if x.role != 'u' -%}\n {{ m(x.role, b=[loop.index]) }}{{ '%s' % 1 }}{% else %}{% set ns = namespace(y={'k': 1.5}) %}{{ ns.y|tojson }}{#- c #}{% endfor %}"
                .utf8
        )
        var random = RandomNumbers(seed: seed)
        for _ in 0..<40 {
            var bytes = source
            for _ in 0..<3 {
                let (start, length) = (Int.random(in: 0..<bytes.count, using: &random), Int.random(in: 0..<8, using: &random))
                let range = start..<min(bytes.count, start + length)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.removeSubrange(range)
                case 1: bytes.insert(contentsOf: bytes[range], at: Int.random(in: 0..<bytes.count, using: &random))
                default: bytes[start] = UInt8.random(in: 0x20..<0x7f, using: &random)
                }
            }
            let messages = [ChatMessage(role: "user", content: "x")]
            _ = try? ChatTemplate(source: String(decoding: bytes, as: UTF8.self)).render(messages: messages, addGenerationPrompt: false)
        }
    }
}
