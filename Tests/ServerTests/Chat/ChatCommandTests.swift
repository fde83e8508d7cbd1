import Server
import Testing
import rudder

@Suite("Commands of a chat")
struct ChatCommandTests {
    @Test(
        "lines are read as commands",
        arguments: [
            ("/head", .head(nil)), ("/head positivity@2", .head("positivity@2")), ("/head off", .headOff),
            ("/steps 12", .control(name: "steps", value: .number(.integer(12)))), ("/steps auto", .control(name: "steps", value: nil)),
            ("/step-size 0.5", .control(name: "step_size", value: .number(.float(0.5)))),
            ("/kl-budget off", .control(name: "kl_budget", value: .null)), ("/max-norm off", .control(name: "max_norm", value: .null)),
            ("/seed off", .field(name: "seed", value: nil)), ("/max-tokens 9", .field(name: "max_tokens", value: .number(.integer(9)))),
            ("/system  Be brief. ", .system("Be brief.")), ("/system off", .system("")), ("/system", .system(nil)),
            ("/save a b.jsonl", .save("a b.jsonl")), ("/compare", .compare), ("/exit", .quit),
        ] as [(String, ChatCommand)]
    )
    func reading(line: String, expected: ChatCommand) throws {
        #expect(try ChatCommand(line) == expected)
    }

    @Test(
        "what cannot be read is answered with what could be meant",
        arguments: [
            ("/hed", "/head"), ("/comp", "/compare"), ("/tempature 1", "/temperature"), ("/steps many", "/steps N|auto"),
            ("/steps", "number"),
            ("/save", "/save chat.jsonl"), ("/xyzzy", "/help"),
        ]
    )
    func refusing(line: String, expected: String) {
        let error = #expect(throws: CommandError.self) { try ChatCommand(line) }
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
    }

    @Test("every command that help lists is one")
    func help() {
        for description in ChatCommand.descriptions {
            do { _ = try ChatCommand("\(description.name) 1") } catch { Issue.record("\(description.name): \(error)") }
        }
    }

    @Test("requests carry what was set, over what --control said; a plain one takes no steps")
    func requests() {
        var settings = ChatSettings()
        #expect(settings.request(model: "m", messages: .array([]), isPlain: false, traces: true)["control"] == nil)
        settings.control = [JSONKey("head"): .string("a"), JSONKey("steps"): .number(.integer(5))]
        settings.overrides = [JSONKey("steps"): .number(.integer(7)), JSONKey("kl_budget"): .null]
        settings.fields = [JSONKey("seed"): .number(.integer(1))]
        let steered = settings.request(model: "m", messages: .array([]), isPlain: false, traces: false)
        #expect(steered["control"]?["steps"] == .number(.integer(7)) && steered["control"]?["kl_budget"] == .null)
        #expect(steered["control"]?["trace"] == nil && steered["seed"] == .number(.integer(1)))
        let plain = settings.request(model: "m", messages: .array([]), isPlain: true, traces: true)
        #expect(plain["control"]?["steps"] == .number(.integer(0)) && plain["control"]?["trace"] == .bool(true))
        #expect(settings.request(model: "m", messages: .array([]), isPlain: true, traces: false)["control"] == nil)
    }

    @Test("a conversation is taken back by exchanges and written as JSON lines")
    func conversation() throws {
        var conversation = Conversation(system: "s")
        for turn in [ChatTurn(.user, "a"), ChatTurn(.assistant, "b\n\""), ChatTurn(.user, "c"), ChatTurn(.assistant, "d")] {
            conversation.append(turn)
        }
        #expect(conversation.undo() == "c")
        let lines = String(decoding: conversation.lines, as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(try lines.map { try JSONParser.parse($0)["content"] } == [.string("s"), .string("a"), .string("b\n\"")])
        #expect(conversation.undo() == "a" && conversation.undo() == nil)
    }

    @Test("piped bytes become lines, with either line end and without a last one")
    func splitting() {
        var splitter = LineSplitter()
        splitter.take(Array("one\r\ntw".utf8))
        #expect(splitter.next() == "one" && splitter.next() == nil)
        splitter.take(Array("o\n\nlast".utf8))
        #expect(splitter.next() == "two" && splitter.next() == "" && splitter.next() == nil)
        #expect(splitter.rest() == "last" && splitter.rest() == nil)
    }

    @Test("a refusal says what to do at the command line")
    func advice() {
        let unknown = APIError.notFound("control.head", "There is no value function 'positivty'.", code: "head_not_found")
        #expect(RequestAdvice.text(unknown, heads: ["positivity", "other"]).contains("did you mean 'positivity'?"))
        #expect(RequestAdvice.text(unknown, heads: ["zzz"]).contains("there are zzz"))
        #expect(RequestAdvice.text(unknown, heads: []).contains("--registry"))
        let version = APIError.notFound("control.head", "There is no value function 'other@9'.", code: "head_not_found")
        #expect(RequestAdvice.text(version, heads: ["other"]).contains("leave the version out"))
    }

    @Test(
        "in a chat a refusal names the commands that help, and elsewhere the options",
        arguments: [
            (APIError.invalid("messages", "Too long.", code: "context_length_exceeded"), "/clear begins anew", "ask for fewer tokens"),
            (
                APIError.invalid("messages", "The model's chat template does not take these messages: System role not supported"),
                "/system off", "--system"
            ),
            (
                APIError.invalid("control.kl_budget", "'control.kl_budget' must be null at the site 'layer.1', where it is not measured."),
                "/kl-budget off", "\"kl_budget\": null"
            ),
            (
                APIError.invalid("control.head", "The metadata of the value function 'x' cannot be used: 'steps' must be a number"),
                "rudder heads verify", "rudder heads verify"
            ),
            (APIError.unavailable("No worker of the model 'm' is up."), "kv_cache_bytes", "--quantize"),
        ]
    )
    func styles(error: APIError, command: String, option: String) {
        #expect(RequestAdvice.text(error, heads: [], style: .commands).contains(command))
        #expect(RequestAdvice.text(error, heads: [], style: .options).contains(option))
    }
}
