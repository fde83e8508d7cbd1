#!/usr/bin/env python3
"""Renders chat templates as Hugging Face transformers does, and writes what they give beside this file.

    python3 make.py [FOLDER]    (needs jinja2, 3.1.6)

- snippets.json: the text of every snippet that it holds is made again; to add one, put ["its source"] into the list.
- llama-cpp.json, if FOLDER names llama.cpp's models folder, which `make vocabularies` fetches to .cache/llama.cpp/models: SHA-256 digests of what
  its templates make of the chats below.
"""

import hashlib
import json
import sys
from datetime import datetime
from pathlib import Path

import jinja2
import jinja2.ext
import jinja2.nodes
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

HERE = Path(__file__).parent
NOW = datetime(2024, 7, 26, 12, 0, 0)


class Generation(jinja2.ext.Extension):
    """The `generation` tag: what it holds is printed by a call of its own."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_support"), [], [], body).set_lineno(line)

    def _support(self, caller):
        return caller()


class Namespace(jinja2.utils.Namespace):
    """A namespace without members that begin with an underscore."""

    def __init__(*args, **named):
        self, members = args[0], dict(*args[1:], **named)
        for name in members:
            Namespace.check(name)
        jinja2.utils.Namespace.__init__(self, members)

    def __setitem__(self, name, value):
        Namespace.check(name)
        jinja2.utils.Namespace.__setitem__(self, name, value)

    @staticmethod
    def check(name):
        if isinstance(name, str) and name.startswith("_"):
            raise SecurityError(name)


class Dict:
    def __call__(self, *args, **named):
        return dict(*args, **named)

    def fromkeys(self, *args, **named):
        return dict.fromkeys(*args, **named)


def raise_exception(message):
    raise TemplateError(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment(strftime):
    made = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])
    made.filters["tojson"] = tojson
    made.globals |= {"raise_exception": raise_exception, "strftime_now": strftime, "dict": Dict(), "namespace": Namespace}
    return made


def rendered(environment, source, variables):
    """What a template gives, and "text"; or its own refusal's words, and "refusal"; or nothing, and "error"."""
    try:
        return environment.from_string(source).render(**json.loads(json.dumps(variables))), "text"
    except Exception as error:
        return (str(error), "refusal") if type(error) is TemplateError else ("", "error")


def kinds(value):
    """A value as [kind, value], so that mappings keep their order."""
    if isinstance(value, dict):
        return ["m", [[key, kinds(item)] for key, item in value.items()]]
    if isinstance(value, list):
        return ["l", [kinds(item) for item in value]]
    names = {type(None): "n", bool: "b", int: "i", float: "f", str: "s"}
    return ["n"] if value is None else [names[type(value)], value]


def plain(kind):
    if kind[0] == "m":
        return {key: plain(item) for key, item in kind[1]}
    return [plain(item) for item in kind[1]] if kind[0] == "l" else None if kind[0] == "n" else kind[1]


def say(role, content, **more):
    return {"role": role, "content": content, **more}


def in_parts(messages):
    return [{**message, "content": [{"type": "text", "text": message["content"]}]} for message in messages]


def function(name, description, properties, required):
    parameters = {"type": "object", "properties": properties, "required": required}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


def called(number, name, arguments):
    return {"id": f"call{number:05}", "type": "function", "function": {"name": name, "arguments": arguments}}


def chats():
    """Chats by name: messages, and what else the template is given."""
    system, spain, paris = say("system", "Be brief."), say("user", "And of Spain?"), say("assistant", "Paris.")
    two_turns = [say("user", "What is the capital of France?"), paris, spain]
    odd = "  Line 1\nLine \"2\"\t<b>&amp;</b> \u00e9\u4f60\U0001f600 {{ x }} \\n' \u2028 "
    weather = function(
        "get_weather",
        "Tells the weather of a city.",
        {
            "city": {"type": "string", "description": "The city's name"},
            "days": {"type": "integer", "description": "How many days", "enum": [1, 2, 3]},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"},
        },
        ["city"],
    )
    weather["function"]["return"] = {"type": "string", "description": "The weather"}
    search = function(
        "search",
        "Searches \"the\" <web> & more, \u00fcn\u00efcode.",
        {
            "queries": {"type": "array", "items": {"type": "string"}, "description": "What for"},
            "options": {"type": "object", "properties": {"deep": {"type": "boolean"}, "limit": {"type": ["integer", "null"]}}},
        },
        [],
    )
    arguments = {"city": "Paris", "days": 2, "none": None, "share": 1.5, "flag": True, "nested": {"a": [1, "b"]}}
    asks = say("assistant", "", tool_calls=[called(1, "get_weather", arguments)])
    asks_twice = say("assistant", "Let me see.", reasoning_content="Look it up.")
    asks_twice["tool_calls"] = asks["tool_calls"] + [called(2, "search", {"queries": ["a", "b"]})]
    as_text = {"role": "assistant", "tool_calls": [called(1, "get_weather", '{"city": "Paris"}')]}
    sunny = say("tool", '{"weather": "sunny"}', name="get_weather", tool_call_id="call00001")
    nothing = say("tool", "none", name="search", tool_call_id="call00002")
    both, user = {"tools": [weather, search]}, two_turns[0]
    return {
        "two turns": (two_turns, {}),
        "two turns after a system message": ([system] + two_turns, {}),
        "one message": ([user], {}),
        "no message": ([], {}),
        "two users": ([user, spain], {}),
        "assistant first": ([paris, user], {}),
        "assistant last": ([system, user, paris], {}),
        "two system messages": ([system, user, system, spain], {}),
        "an unknown role": ([say("narrator", "Once.")] + two_turns, {}),
        "odd characters": ([say("system", odd), say("user", odd), say("assistant", odd), say("user", odd)], {}),
        "thoughts in tags": ([system, user, say("assistant", "<think>\nHm, France.\n</think>\n\nParis."), spain], {}),
        "thoughts apart": ([system, user, say("assistant", "Paris.", reasoning_content="Hm, France."), spain], {}),
        "thinking off": ([system] + two_turns, {"enable_thinking": False, "thinking": False}),
        "thinking on": ([system] + two_turns, {"enable_thinking": True, "thinking": True, "reasoning_effort": "high"}),
        "contents in parts": (in_parts([system] + two_turns), {}),
        "a tool": (two_turns, {"tools": [weather]}),
        "tools after a system message": ([system] + two_turns, both),
        "a call and its answer": ([system, user, asks, sunny, say("assistant", "Sunny."), spain], both),
        "a call just answered": ([user, asks, sunny], both),
        "two calls": ([user, asks_twice, sunny, nothing], both),
        "arguments as text": ([user, as_text, sunny, paris, spain], {"tools": [weather]}),
        "a call without tools": ([user, asks, sunny, paris, spain], {}),
        "documents": (two_turns, {"documents": [{"title": "A", "text": "About A."}, {"title": "B", "text": "About B."}]}),
    }


def write_digests(folder):
    made = environment(NOW.strftime)
    special = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
    given = {name: {**special, "tools": None, "documents": None, **more, "messages": list(messages)} for name, (messages, more) in chats().items()}
    digests = {}
    for path in sorted((folder / "templates").glob("*.jinja")):
        source, digests[path.name] = path.read_text(encoding="utf-8"), []
        for variables in given.values():
            digest = hashlib.sha256()
            for prompted in (False, True):
                text, kind = rendered(made, source, {**variables, "add_generation_prompt": prompted})
                digest.update(f"{kind}\0{text}\0".encode())
            digests[path.name].append(digest.hexdigest())
    lines = [f"  {json.dumps([name, kinds(variables)])}" for name, variables in given.items()]
    rows = [f'  {json.dumps(name)}: {json.dumps(values, separators=(",", ":"))}' for name, values in digests.items()]
    text = '{\n "chats": [\n' + ",\n".join(lines) + '\n ],\n "templates": {\n' + ",\n".join(rows) + "\n }\n}\n"
    (HERE / "llama-cpp.json").write_text(text, encoding="utf-8")


def write_snippets():
    path = HERE / "snippets.json"
    golden = json.loads(path.read_text(encoding="utf-8"))
    made = environment(lambda format: f"<{format}>")
    variables = {"messages": [], "add_generation_prompt": True, "tools": None, "documents": None, **plain(golden["variables"])}
    snippets = []
    for source, *_ in golden["snippets"]:
        text, kind = rendered(made, source, variables)
        snippets.append([source, text] if kind == "text" else [source])
    path.write_text(json.dumps({**golden, "snippets": snippets}, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_snippets()
    if len(sys.argv) > 1:
        write_digests(Path(sys.argv[1]))
