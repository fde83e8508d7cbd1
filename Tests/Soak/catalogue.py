"""Requests whose answers are known: greedy, or with a seed. Each is answered alone before the load begins, and has to be answered the same under it."""

from dataclasses import dataclass

CHATS = [
    "Name a fruit.", "Describe a train journey.", "Tell me what you think about rainy weekends.", "What is the capital of France?",
    "Write a sentence about the sea.", "Why do people keep cats?",
]
COMPLETIONS = ["The capital of France is", "Once upon a time there was", "The best thing about Mondays is", "def fibonacci(n):"]
EVALUATED = ["hello", "the sea", "a b c d", "one two", "rain", "zebra", "0123", "quick brown", "end.", "Ünïcode"]

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 12},
        "colour": {"enum": ["red", "green", "yellow"]},
        "weight": {"type": "integer", "minimum": 1, "maximum": 2000},
    },
    "required": ["name", "colour", "weight"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Known:
    """A request by its name."""

    name: str
    path: str
    body: dict
    # Whether it may be streamed as well, with the same answer.
    streams: bool = True

    @property
    def is_chat(self) -> bool:
        return self.path.endswith("/chat/completions")


def chat(name: str, text: str, streams: bool = True, **options) -> Known:
    body = {"model": "smollm2", "messages": [{"role": "user", "content": text}], "temperature": 0, **options}
    return Known(name, "/v1/chat/completions", body, streams)


def completion(name: str, text: str, streams: bool = True, **options) -> Known:
    return Known(name, "/v1/completions", {"model": "smollm2", "prompt": text, "temperature": 0, **options}, streams)


def plain() -> list[Known]:
    """Without control."""
    return [
        *(chat(f"chat {number}", text, max_tokens=10 + 9 * number, ignore_eos=number % 2 == 1) for number, text in enumerate(CHATS)),
        *(completion(f"completion {number}", text, max_tokens=8 + 8 * number) for number, text in enumerate(COMPLETIONS)),
        chat("seeded chat", CHATS[1], temperature=0.9, seed=11, max_tokens=24),
        completion("seeded completion", COMPLETIONS[1], temperature=1.1, top_p=0.9, seed=12, max_tokens=24),
        completion("stopped", COMPLETIONS[1], max_tokens=60, stop=[".", "\n"]),
    ]


def controlled() -> list[Known]:
    """Steered by the bundled heads."""
    def steered(name: str, number: int, tokens: int, **control) -> Known:
        return chat(f"controlled: {name}", CHATS[number], max_tokens=tokens, control=control)
    return [
        steered("as tuned", 2, 24, head="positivity"),
        steered("traced", 1, 16, head="positivity", trace=True),
        steered("within a budget", 4, 16, head="positivity", kl_budget=0.05),
        steered("mixed", 2, 16, heads=[{"name": "positivity", "weight": 1.0}, {"name": "harmlessness", "weight": -0.5}]),
        steered("mixed and traced", 5, 12, heads=[{"name": "sentiment", "weight": 0.5}, {"name": "harmlessness"}], trace=True, steps=10),
        steered("many steps", 0, 16, head="sentiment", steps=100, max_norm=0.1),
        steered("to a target", 3, 16, head="positivity@1", target_value=0.8, step_size=0.5),
        completion("controlled: completion", COMPLETIONS[2], max_tokens=20, control={"head": "harmlessness", "regularization": 0.01}),
        completion("controlled: seeded", COMPLETIONS[1], max_tokens=16, temperature=1, seed=5, control={"head": "positivity"}),
    ]


def choices() -> list[Known]:
    """Several answers, log-probabilities, formats, states."""
    json_schema = {"type": "json_schema", "json_schema": {"name": "fruit", "schema": SCHEMA}}
    return [
        chat("three choices", CHATS[0], temperature=0.8, seed=7, n=3, max_tokens=12),
        chat("two steered choices", CHATS[1], streams=False, temperature=0.8, seed=8, n=2, max_tokens=10, control={"head": "positivity"}),
        completion("best of three", COMPLETIONS[1], streams=False, temperature=1, seed=9, best_of=3, max_tokens=10),
        chat("log-probabilities", CHATS[3], max_tokens=8, logprobs=True, top_logprobs=5),
        completion("echoed", COMPLETIONS[0], streams=False, max_tokens=6, logprobs=3, echo=True),
        chat("by a schema", CHATS[0], temperature=1.2, seed=3, max_tokens=60, response_format=json_schema),
        chat("any object", CHATS[4], temperature=0.7, seed=4, max_tokens=30, response_format={"type": "json_object"}),
        chat("with states", CHATS[5], max_tokens=6, capture={"site": "final_norm", "from": 1, "to": 4}),
        Known("two prompts", "/v1/completions", {"model": "smollm2", "prompt": COMPLETIONS[:2], "temperature": 0, "max_tokens": 6}, False),
    ]


def tiny() -> list[Known]:
    """Of the model that takes no time, so that it is the server's way that is loaded."""
    def of_tiny(name: str, text: str, tokens: int, **options) -> Known:
        return completion(f"tiny: {name}", text, model="tiny", max_tokens=tokens, ignore_eos=True, **options)
    return [
        of_tiny("short", "hello", 1), of_tiny("long", "the sea", 300), of_tiny("seeded", "a b c", 60, temperature=1, seed=1),
        of_tiny("log-probabilities", "one", 40, logprobs=5), of_tiny("four choices", "rain", 40, n=4, temperature=1, seed=2),
    ]


def evaluated() -> list[Known]:
    """What lines of evaluations and batches ask for."""
    return [
        completion(f"line {number}", text, streams=False, model="tiny", max_tokens=4 + number, temperature=1, seed=number, ignore_eos=True)
        for number, text in enumerate(EVALUATED)
    ]
