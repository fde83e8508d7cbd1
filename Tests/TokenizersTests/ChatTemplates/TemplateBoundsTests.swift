import Testing
import Tokenizers

/// Templates that mean harm: each is refused before it takes much time or memory.
@Suite("Bounds of templates")
struct TemplateBoundsTests {
    @Test(
        "what repeats slow work is stopped, with its line",
        .timeLimit(.minutes(1)),
        arguments: [
            "x.strip(' a')", "x|title", "x.rsplit(' ')", "x.replace(' ', 'b')", "x.startswith('a', 1)", "x|indent(1)", "[x]|string",
            "x|tojson", "'%10000d' % 1", "'{:10000}'.format(1)", "x.zfill(4000000)", "strftime_now('%Y' * 400)",
            "dict.fromkeys(range(3000))",
        ]
    )
    func slowWork(expression: String) {
        let found = ChatTemplate.error(
            of:
                "{% set x = ' ' * 2000000 %}\n{% for i in range(1000000) %}\n{% set y = \(expression) %}{% endfor %}"
        )
        #expect(found?.line == 3 && found?.isRefusal == false, "\(expression): \(found.map { "\($0)" } ?? "rendered")")
    }

    @Test(
        "what grows without end is stopped, with its line",
        .timeLimit(.minutes(1)),
        arguments: [
            "ns.x + ns.x", "[ns.x, ns.x]", "(ns.x,)", "{1: ns.x}", "dict(a=ns.x)", "dict.fromkeys([1], ns.x)", "[ns.x]|batch(1)|list",
            "[ns.x]|select('defined')", "dict([((1, 2), ns.x)]).items()", "[ns.x.index]", "ns.x * 2", "ns.x + (1,) * 100000",
        ]
    )
    func growth(expression: String) {
        let found = ChatTemplate.error(
            of: "{% set ns = namespace(x=(1,)) %}\n{% for i in range(1000000) %}{% set ns.x = \(expression) %}{% endfor %}"
        )
        #expect(found?.line == 2 && found?.isRefusal == false, "\(expression): \(found.map { "\($0)" } ?? "rendered")")
    }

    @Test(
        "words of combining marks, which Swift takes the square of their length to compare, are found to be none at once",
        .timeLimit(.minutes(1)),
        arguments: [
            "x.split(m)", "{}[m]", "x[m]", "[1][m]", "namespace(a=1)[m]", "m is test", "m is filter", "[1]|map(m)|list",
            "[1]|select(m)|list",
            "('{' ~ m ~ '}').format(1)", "('{0!' ~ m ~ '}').format(1)", "1.5|round(1, m)", "{'a': 1}|dictsort(true, m)",
            "[{'a': 1}]|map(attribute=m)|list", "x|attr(m)", "dict(**{m: 1})", "[1]|max(**{m: 1})", "x.join(**{m: 1})",
            "m.zfill(5)", "m == n", "m in [n]", "m < n", "m.endswith(n)", "m|replace(n, x)", "{m: 1}[n]",
        ]
    )
    func longWords(expression: String) {
        let found = ChatTemplate.error(
            of: "{% set m = 'a' ~ '\u{301}' * 200000 ~ '\u{316}' * 200000 %}{% set n = 'a' ~ '\u{316}' * 200000 ~ '\u{301}' * 200000 %}"
                + "{% set x = 'b' %}{{ \(expression) }}"
        )
        #expect(found.map { "\($0)".utf8.count < 2_000_000 } ?? true)
    }

    @Test("a name of more than 256 bytes is refused, with its line")
    func longName() {
        let name = String(repeating: "a", count: 256)
        #expect(ChatTemplate.error(of: "\n{% set \(name) = 1 %}") == nil)
        #expect(ChatTemplate.error(of: "\n{% set \(name)a = 1 %}")?.line == 2)
    }

    @Test(
        "what would write too much at once is refused",
        arguments: [
            "{{ range(1000000)|tojson(separators=('a' * 1000000, '')) }}", "{{ range(1000000)|tojson(indent=1000) }}",
            "{{ ('{0}' * 100000).format('a' * 100000) }}", "{{ ('%(a)s' * 100000) % {'a': 'a' * 100000} }}",
            "{{ (('a' * 1000)|safe).join(range(1000000)) }}", "{{ ('<' * 4000000)|escape }}", "{{ ('a' * 2000000).split('a') }}",
            "{{ ('\\n' * 2000000).splitlines() }}", "{{ ('\\n' * 2000000)|indent }}", "{{ '{:99999999999}'.format(1) }}",
            "{{ '{:.99999999999f}'.format(1.5) }}",
            "{{ '{99999999999999999999}'.format(1) }}", "{{ ('1' * 5000)|int }}", "{{ '9223372036854775808'|int }}", "{{ 1e30|int }}",
            "{{ strftime_now('a' * 2000) }}",
        ]
    )
    func size(source: String) {
        let found = ChatTemplate.error(of: source)
        #expect(found?.line == 1 && found?.isRefusal == false, "\(found.map { "\($0)" } ?? "rendered")")
    }

    @Test(
        "what calls itself is stopped, with its line",
        arguments: [
            "\n{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", "\n{% macro m(x) %}{{ m(*[x]) }}{% endmacro %}{{ m(1) }}",
            "\n{% macro m(x=m()) %}{% endmacro %}{{ m() }}",
            "\n{% for x in [1] recursive %}{% set y %}{{ loop([1]) }}{% endset %}{% endfor %}",
            "\n{% macro m(n) %}{{ m(n + 1) }}{{ m(n + 1) }}{% endmacro %}{% if true %}{{ m(0) }}{% endif %}",
        ]
    )
    func recursion(source: String) {
        let found = ChatTemplate.error(of: source)
        #expect(found?.line == 2 && found?.reason == "the template is nested too deep")
    }

    @Test("a recursive loop is called in itself only")
    func endedLoop() {
        let found = ChatTemplate.error(
            of: "{% set ns = namespace() %}{% for x in [1] recursive %}{% set ns.l = loop %}{% endfor %}\n{{ ns.l([1]) }}"
        )
        #expect(found?.line == 2 && found?.reason == "a loop is only called inside it, and if it is marked 'recursive'")
    }

    @Test(
        "targets and arguments that nest or go on are refused or taken, never a trap",
        arguments: [
            "{% for " + String(repeating: "(", count: 5000) + "a" + String(repeating: ")", count: 5000) + " in [1] %}{% endfor %}",
            "{% set " + String(repeating: "a,", count: 50000) + "a = 1 %}", "{{ m(" + String(repeating: "*", count: 5000) + "a) }}",
            String(repeating: "{% generation %}", count: 5000), "{% for (a in b %}{% endfor %}", "{% set (a.b, c) = 1, 2 %}",
        ]
    )
    func syntax(source: String) {
        #expect(ChatTemplate.error(of: source).map { !$0.isRefusal && $0.line == 1 } == true)
    }

    @Test("bounds at the ends of what an integer holds do not trap")
    func extremeIntegers() throws {
        let source =
            "{% set low, high = -9223372036854775807 - 1, 9223372036854775807 %}{{ [1, 2][low:high:high] }}{{ 'abc'[high::-high] }}"
            + "{{ [1][low] is defined }}{{ 'abc'.find('b', low, high) }}{{ 'abc'.count('b', high, low) }}{{ 'abc'.startswith('b', low + 1) }}"
        #expect(try ChatTemplate(source: source).render(messages: [], addGenerationPrompt: true) == "[1]cFalse10False")
    }
}
