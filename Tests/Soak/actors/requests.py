"""Well-formed requests, read as fast as they come."""

import asyncio

import records
from actors.actor import Actor
from catalogue import choices, controlled, plain, tiny
from program import samples
from references import reduced
from wire import Lost

WORDS = ("river stone lamp window garden letter morning winter engine paper bridge copper orange silence market teacher harbour signal feather "
         "number kitchen shadow forest history music border answer colour ticket mountain").split()


class Streams(Actor):
    """Plain chats and completions as streams."""

    kind = "streams"
    known = plain()

    async def act(self):
        await self.stream_known(self.random.choice([known for known in self.known if known.streams]))


class ControlledStreams(Streams):
    """The same, steered."""

    kind = "controlled streams"
    known = controlled()


class TinyStreams(Streams):
    """Of the model that takes no time."""

    kind = "tiny streams"
    known = tiny()
    pause = 0.5


class Wholes(Actor):
    """Answers that come as one document: plain, steered, several choices, log-probabilities, formats."""

    kind = "whole answers"
    known = plain() + controlled() + choices()

    async def act(self):
        await self.ask_known(self.random.choice(self.known))


class Choices(Actor):
    """Several choices, log-probabilities and formats, whole or as streams."""

    kind = "choices and formats"
    known = choices()

    async def act(self):
        known = self.random.choice(self.known)
        if known.streams and self.random.random() < 0.5:
            await self.stream_known(known)
        else:
            await self.ask_known(known)


class FreshPrompts(Actor):
    """Prompts that nobody has sent before, so that the KV cache's blocks change hands. What can be checked is the form and the number of tokens."""

    kind = "fresh prompts"
    pause = 3.0

    async def act(self):
        model = self.random.choice(("smollm2", "tiny"))
        tokens = self.random.randrange(1, 30)
        body = {
            "model": model, "prompt": " ".join(self.random.choices(WORDS, k=self.random.randrange(10, 120))), "max_tokens": tokens,
            "ignore_eos": True,
        }
        answer = await self.ask("POST", "/v1/completions", body)
        if self.is_refused(answer):
            return
        document = answer.json()
        if answer.status != 200 or document["usage"]["completion_tokens"] != tokens or document["choices"][0]["finish_reason"] != "length":
            raise Lost(f"{tokens} tokens were asked for: {answer.status} {answer.body[:300]!r}")
        self.note(records.ANSWERED, 200, seconds=answer.seconds)


class Vectors(Actor):
    """Embeddings, tokens and templates."""

    kind = "embeddings and tokens"
    pause = 1.0
    # Name, method, path and body; answers are compared with those that were given alone.
    known = [
        ("embedding", "POST", "/v1/embeddings", {"model": "smollm2", "input": ["a cat", "the stock market"], "dimensions": 32}),
        ("embedding of the last", "POST", "/v1/embeddings", {"model": "tiny", "input": "abc", "pooling": "last", "encoding_format": "base64"}),
        ("tokens", "POST", "/tokenize", {"content": "The sea, the sea! Ünïcode \U0001f600", "with_pieces": True}),
        ("tokens of messages", "POST", "/tokenize", {"messages": [{"role": "user", "content": "Name a fruit."}]}),
        ("text", "POST", "/detokenize", {"tokens": [504, 2843, 282]}),
        ("template", "POST", "/apply-template", {"messages": [{"role": "user", "content": "Name a fruit."}]}),
        ("tokenizer", "GET", "/tokenizer_info", None),
    ]

    async def act(self):
        name, method, path, body = self.random.choice(self.known)
        answer = await self.ask(method, path, body)
        if self.is_refused(answer):
            return
        if answer.status != 200:
            raise Lost(f"'{name}' is answered {answer.status}: {answer.body[:300]!r}")
        self.soak.references.check(name, answer.json())
        self.note(records.ANSWERED, 200, seconds=answer.seconds)


class Bursts(Actor):
    """More requests at once than may run and wait: some are told to come again, none is forgotten."""

    kind = "bursts"
    pause = 15.0

    async def act(self):
        known = [entry for entry in tiny() if entry.name in ("tiny: long", "tiny: seeded")]
        clients = [Burst(self.soak, number) for number in range(60)]
        await asyncio.gather(*(client.single(self.random.choice(known)) for client in clients))


class Burst(Actor):
    """One of them."""

    kind = "bursts"

    async def single(self, known):
        self.known = known
        await self.once()
        self.drop()

    async def act(self):
        await self.stream_known(self.known)


class Pipelines(Actor):
    """Several requests sent before the first is answered; the answers come in their order."""

    kind = "pipelined requests"
    pause = 2.0

    async def act(self):
        known = [entry for entry in tiny() if entry.name in ("tiny: short", "tiny: seeded")]
        requests = []
        for _ in range(self.random.randrange(3, 12)):
            kind = self.random.choice(("health", "tokens", "completion", "models"))
            if kind == "health":
                requests.append((kind, None, self.encoded("GET", "/health", key=None)))
            elif kind == "models":
                requests.append((kind, None, self.encoded("GET", "/v1/models")))
            elif kind == "tokens":
                requests.append((kind, None, self.encoded("POST", "/tokenize", {"content": "The sea"})))
            else:
                entry = self.random.choice(known)
                requests.append((kind, entry, self.encoded("POST", entry.path, entry.body)))
        wire = await self.connect()
        try:
            await wire.send(b"".join(data for _, _, data in requests))
            for kind, entry, _ in requests:
                answer = await wire.answer()
                document = answer.json()
                if kind == "completion" and self.is_refused(answer):
                    continue
                if answer.status != 200:
                    raise Lost(f"a pipelined request is answered {answer.status}: {answer.body[:300]!r}")
                if kind == "completion":
                    self.soak.references.check(entry.name, reduced(document))
                elif {"health": "status", "tokens": "tokens", "models": "data"}[kind] not in document:
                    raise Lost(f"{kind} is answered out of order: {answer.body[:300]!r}")
                self.note(records.ANSWERED, 200, seconds=answer.seconds)
        finally:
            wire.close()


class Probes(Actor):
    """What a load balancer and Prometheus ask."""

    kind = "probes"
    pause = 1.0

    async def act(self):
        path = self.random.choice(("/health", "/ready", "/metrics", "/v1/models", "/v1/heads"))
        answer = await self.ask("GET", path)
        if answer.status != 200:
            raise Lost(f"{path} is answered {answer.status}: {answer.body[:300]!r}")
        if path == "/metrics":
            if not any(name.startswith("rudder_requests_total") for name in samples(answer.body.decode())):
                raise Lost("there are no requests in the metrics")
        elif not isinstance(answer.json(), dict):
            raise Lost(f"{path} is answered {answer.body[:200]!r}")
        self.note(records.ANSWERED, 200, seconds=answer.seconds)
