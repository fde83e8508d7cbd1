"""What is too large, and what is no request."""

import asyncio
import gzip
import json
import zlib

import records
from actors.actor import Actor, check_error
from program import BODY_BYTES, CONNECTIONS_PER_ADDRESS, HEADER_BYTES, UPLOAD_BYTES
from wire import Lost, Wire, encode

BOMB = gzip.compress(b" " * (64 << 20), 9)


class Oversizes(Actor):
    """Headers and bodies beyond their limits, bodies without an end, archives that unpack to more than may come."""

    kind = "oversize requests"
    pause = 2.0
    source = "127.0.0.4"

    async def act(self):
        way, status = self.random.choice((
            (self.header, {431}), (self.target, {414, 431}), (self.many_lines, {431}), (self.declared, {413}), (self.declared_and_sent, {413}),
            (self.endless, {413}), (self.bomb, {413}), (self.upload, {413}), (self.upload_bomb, {413}), (self.endless_line, {200}),
        ))
        wire = await self.connect()
        # The answer may come before all is sent, and no reset may overtake it.
        sender = asyncio.create_task(self.quietly(way, wire))
        try:
            answer = await wire.answer()
            if answer.status not in status:
                raise Lost(f"{way.__name__} is answered {answer.status}: {answer.body[:300]!r}")
            if answer.status != 200:
                check_error(answer)
            elif b'"line_too_long"' not in answer.body:
                raise Lost(f"a line without an end is answered {answer.body[:300]!r}")
            self.note(records.REJECTED, answer.status)
        finally:
            sender.cancel()
            wire.close()

    async def quietly(self, way, wire: Wire):
        try:
            await way(wire)
        except OSError:
            return

    async def header(self, wire: Wire):
        await wire.send(encode("GET", "/health", fields={"X-Long": "x" * (HEADER_BYTES + self.random.randrange(1 << 20))}))

    async def target(self, wire: Wire):
        await wire.send(encode("GET", "/" + "x" * (HEADER_BYTES + 1000)))

    async def many_lines(self, wire: Wire):
        await wire.send(encode("GET", "/health", fields={f"X-{number}": "x" for number in range(200)}))

    async def declared(self, wire: Wire):
        await wire.send(self.encoded("POST", "/v1/completions", b"{", fields={"Content-Length": str(BODY_BYTES + 1)}))

    async def declared_and_sent(self, wire: Wire):
        await wire.send(self.encoded("POST", "/v1/completions", b"x" * (BODY_BYTES + self.random.randrange(1, 4 << 20))))

    async def endless(self, wire: Wire):
        await self.chunks(wire, "/v1/chat/completions")

    async def endless_line(self, wire: Wire):
        # An evaluation may be of any length, but no line of it.
        await self.chunks(wire, "/v1/evaluations", BODY_BYTES + (1 << 20))
        await wire.send(b"2\r\n\n\n\r\n0\r\n\r\n")

    async def chunks(self, wire: Wire, path: str, most: int = 1 << 28):
        await wire.send(self.encoded("POST", path, None, fields={"Transfer-Encoding": "chunked"}))
        piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        for _ in range(most // 65536):
            await wire.send(piece)

    async def bomb(self, wire: Wire):
        path = self.random.choice(("/v1/completions", "/v1/chat/completions", "/v1/embeddings", "/tokenize"))
        await wire.send(self.encoded("POST", path, BOMB, fields={"Content-Encoding": "gzip"}))

    async def upload(self, wire: Wire):
        await wire.send(self.encoded("PUT", "/admin/v1/heads/never", b"x" * (UPLOAD_BYTES + 1), key=None))

    async def upload_bomb(self, wire: Wire):
        await wire.send(self.encoded("PUT", "/admin/v1/heads/never", BOMB, key=None, fields={"Content-Encoding": "gzip"}))


class MalformedJSON(Actor):
    """Bodies that are not JSON, or not a request: refused by name, and the connection goes on."""

    kind = "malformed JSON"
    pause = 1.0
    source = "127.0.0.4"
    bodies = [
        b"", b"{", b"[]", b"null", b'{"model":"tiny","prompt":"x"', b'{"model":"tiny","prompt":"\xff\xfe"}', b'{"model":"tiny","prompt":"\\ud800"}',
        b"[" * 100_000, b'{"a":' * 5000 + b"1" + b"}" * 5000, b'{"model":"tiny","prompt":"x","max_tokens":1e400}', b'{"model":"tiny","prompt":NaN}',
        b'{"model":"tiny","prompt":"x","temperature":9}', b'{"model":"tiny","prompt":"x","n":1000}', b'{"model":"nobody","prompt":"x"}',
        b'{"model":"tiny","prompt":"x","max_tokens":-1}', b'{"model":"tiny","prompt":[99999999]}', b'{"model":"tiny","prompt":"x","stop":[1]}',
        b'{"model":"tiny","prompt":"x","control":{"head":"nobody"}}', b'{"model":"smollm2","prompt":"x","control":{"head":"positivity","steps":-1}}',
        b'{"model":"tiny","prompt":"x","max_tokens":100000}', b"\x1f\x8b\x08" + b"\0" * 40,
        json.dumps({"model": "tiny", "prompt": "x", "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {
            "type": "object", "patternProperties": {}}}}}).encode(),
    ]

    async def act(self):
        body = self.random.choice(self.bodies)
        path = self.random.choice(("/v1/completions", "/v1/chat/completions", "/v1/embeddings"))
        answer = await self.ask("POST", path, body)
        # An embedding knows nothing of what makes some of these wrong.
        if path == "/v1/embeddings" and answer.status == 200:
            raise Lost(f"{body[:80]!r} makes an embedding")
        if answer.status not in (400, 404, 422):
            raise Lost(f"{path} answers {body[:80]!r} with {answer.status}: {answer.body[:300]!r}")
        check_error(answer)
        self.note(records.REJECTED, answer.status)
        after = await self.ask("GET", "/health")
        if after.status != 200:
            raise Lost(f"after a malformed body /health is answered {after.status}")


class MalformedHTTP(Actor):
    """What is no HTTP, or could be read in two ways: refused, and the connection ends."""

    kind = "malformed HTTP"
    pause = 1.0
    source = "127.0.0.4"
    requests = [
        b"GET /health HTTP/1.1\r\n\r\n", b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET /health HTTP/1.1\nHost: a\n\n",
        b"GET  /health HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /health HTTP/3.0\r\nHost: a\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET /health HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", b"GET /health HTTP/1.1\r\nHost : a\r\n\r\n",
        b"POST /tokenize HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /tokenize HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", b"POST /tokenize HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST /tokenize HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", b"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /health HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n", b"\0" * 100 + b"\r\n\r\n",
        b"M" * 100 + b" / HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /health HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n",
    ]

    async def act(self):
        data = self.random.choice(self.requests) if self.random.random() < 0.8 else self.noise()
        wire = await self.connect()
        try:
            # What follows could be meant for another, and must not be read as a request.
            await wire.send(data + encode("GET", "/health"))
            answer = await wire.answer()
            if answer.status not in (400, 414, 417, 431, 501, 505):
                raise Lost(f"{data[:80]!r} is answered {answer.status}: {answer.body[:200]!r}")
            check_error(answer)
            if count := await wire.rest():
                raise Lost(f"{count} bytes follow the refusal of {data[:80]!r}")
            self.note(records.REJECTED, answer.status)
        finally:
            wire.close()

    def noise(self) -> bytes:
        return b"\x80" + self.random.randbytes(self.random.randrange(1, 2000)) + b"\r\n\r\n"


class MalformedChunks(Actor):
    """Bodies whose chunks are none, and packed bodies that are not packed."""

    kind = "malformed bodies"
    pause = 2.0
    source = "127.0.0.4"

    async def act(self):
        fields = {"Transfer-Encoding": "chunked"}
        bodies = [b"zz\r\n", b"-1\r\n{}\r\n", b"2\r\n{}x\r\n0\r\n\r\n", b"fffffffffffffffffff\r\n", b"2;\r\n{}\r\n0\r\n\r\n", b"0\r\nbad trailer\r\n\r\n"]
        if self.random.random() < 0.4:
            packed = zlib.compress(b'{"content":"x"}') if self.random.random() < 0.5 else gzip.compress(b'{"content":"x"}')[:-3] + b"zzz"
            fields, bodies = {"Content-Encoding": "gzip", "Content-Length": str(len(packed))}, [packed]
        wire = await self.connect()
        try:
            await wire.send(self.encoded("POST", "/tokenize", None, fields=fields) + self.random.choice(bodies))
            self.reject(await wire.answer(), 400, "a malformed body")
        finally:
            wire.close()


class Floods(Actor):
    """More connections than one address may have: the rest are told so, and all can be used again when they are gone."""

    kind = "floods"
    pause = 20.0
    source = "127.0.0.5"

    async def act(self):
        wires = [await self.connect() for _ in range(CONNECTIONS_PER_ADDRESS + 20)]
        try:
            statuses = await asyncio.gather(*(self.status(wire) for wire in wires))
            if statuses.count(200) != CONNECTIONS_PER_ADDRESS or statuses.count(503) != 20:
                raise Lost(f"of {len(wires)} connections {statuses.count(200)} are served and {statuses.count(503)} refused")
            for status in statuses:
                self.note(records.ANSWERED if status == 200 else records.REFUSED, status)
        finally:
            for wire in wires:
                wire.close()
        # The server has to see that they are gone.
        await asyncio.sleep(2)

    async def status(self, wire: Wire) -> int:
        # One that is refused is told at once, and may be gone before it has asked.
        try:
            await wire.send(encode("GET", "/health"))
        except ConnectionError:
            pass
        return (await wire.answer()).status
