"""What all actors have in common."""

from __future__ import annotations

import asyncio
import json
import random
import time
from typing import TYPE_CHECKING

import records
from catalogue import Known
from program import IDLE_TIMEOUT
from references import joined, reduced
from wire import Answer, Head, Lost, Sip, Wire, encode, events

if TYPE_CHECKING:
    from soak import Soak


def check_error(answer: Answer) -> dict:
    """Sees to it that an error is in OpenAI's shape; the error."""
    document = answer.json()
    error = document.get("error") if isinstance(document, dict) else None
    if not isinstance(error, dict) or not {"message", "type", "param", "code", "request_id"} <= set(error):
        raise Lost(f"{answer.status} without an error object: {answer.body[:300]!r}")
    if error["request_id"] != answer.fields.get("x-request-id"):
        raise Lost(f"the error's request_id is not that of the header: {answer.body[:300]!r}")
    return error


class Actor:
    """A client that does one thing again and again, with pauses."""

    # By what name its requests are counted.
    kind = ""
    # Seconds between two acts: the mean of an even distribution.
    pause = 1.0
    # Seconds that an act may take. The machine may be busy with other things.
    limit = 240.0
    # The address of this machine that it comes from: those that misbehave use one of their own, whose connections are counted apart.
    source: str | None = None

    def __init__(self, soak: Soak, number: int):
        self.soak = soak
        self.random = random.Random(f"{soak.seed} {type(self).__name__} {number}")
        self._kept: Wire | None = None

    async def act(self) -> None:
        """Does it once, and notes how it ended."""
        raise NotImplementedError

    async def run(self) -> None:
        """Acts while the gate is open, for ever."""
        await asyncio.sleep(self.random.uniform(0, self.pause))
        while True:
            if not self.soak.gate.is_open:
                self.drop()
                await self.soak.gate.wait()
            with self.soak.gate:
                await self.once()
            await asyncio.sleep(self.random.uniform(0, 2 * self.pause))

    async def once(self) -> None:
        """Acts once; whatever goes wrong is a loss, unless the connection ended while the machine did not let this program run for so long that the
        server had to take it for one of the slow."""
        start = time.monotonic()
        try:
            async with asyncio.timeout(self.limit):
                await self.act()
        except TimeoutError:
            self.lose(f"it does not end within {self.limit} s")
        except (OSError, EOFError) as error:
            if self.soak.was_late(since=start):
                self.drop()
                self.note(records.STARVED)
            else:
                self.lose(f"{type(error).__name__}: {error}")
        except Lost as error:
            self.lose(f"{error}")
        except (KeyError, IndexError, TypeError, ValueError) as error:
            self.lose(f"the answer is not of the form that is documented: {type(error).__name__}: {error}")

    def lose(self, reason: str) -> None:
        self.drop()
        self.soak.records.lose(self.kind, reason, self.soak.elapsed)
        self.soak.say(f"lost, {self.kind}: {reason[:400]}")

    def note(self, outcome: str, status: int | None = None, first: float | None = None, seconds: float | None = None) -> None:
        self.soak.records.add(self.kind, outcome, status, first, seconds)

    # Connections

    async def connect(self, sip: Sip | None = None, receive_buffer: int | None = None) -> Wire:
        wire = await Wire.open(self.soak.program.address, self.source, receive_buffer)
        wire.sip = sip
        return wire

    def drop(self) -> None:
        """Closes the connection that is kept for the next request."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    async def begin(self, method: str, path: str, body=None, key: str | None = "soak", fields: dict | None = None) -> tuple[Wire, Head, float]:
        """Sends a request on the connection that is kept, or a new one, and waits for the answer's head. A connection that has idled may be closed by
        the server in the very moment that it is used, and then another is made (RFC 9112, section 9.3.1)."""
        data = self.encoded(method, path, body, key, fields)
        wire, self._kept = self._kept, None
        idled = wire is not None and time.monotonic() - wire.last_use > IDLE_TIMEOUT - 1
        start = time.monotonic()
        wire = wire or await self.connect()
        wire.received = 0
        try:
            await wire.send(data)
            return wire, await wire.head(), start
        except (OSError, EOFError):
            wire.close()
            if not idled or wire.received:
                raise
        except BaseException:
            wire.close()
            raise
        wire = await self.connect()
        try:
            await wire.send(data)
            return wire, await wire.head(), start
        except BaseException:
            wire.close()
            raise

    def encoded(self, method: str, path: str, body=None, key: str | None = "soak", fields: dict | None = None) -> bytes:
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        authorization = {"Authorization": f"Bearer {self.soak.program.keys.get(key, key)}"} if key else {}
        return encode(method, path, body, {**authorization, **(fields or {})})

    def keep(self, wire: Wire, head: Head) -> None:
        """After a whole answer: keeps its connection now and then."""
        if wire.buffer:
            wire.close()
            raise Lost(f"bytes follow the answer: {bytes(wire.buffer[:80])!r}")
        if head.fields.get("connection") == "close" or self.random.random() < 0.3:
            wire.close()
        else:
            self._kept = wire

    async def ask(self, method: str, path: str, body=None, key: str | None = "soak", fields: dict | None = None) -> Answer:
        """A request and its whole answer."""
        wire, head, start = await self.begin(method, path, body, key, fields)
        try:
            first, whole = time.monotonic() - start, bytearray()
            async for piece in wire.pieces(head):
                whole += piece
        except BaseException:
            wire.close()
            raise
        self.keep(wire, head)
        return Answer(head.status, head.fields, bytes(whole), first, time.monotonic() - start)

    def reject(self, answer: Answer, status: int, what: str) -> None:
        """Sees to it that what is wrong was refused as it should be, and notes it."""
        if answer.status != status:
            raise Lost(f"{what} is answered {answer.status}: {answer.body[:300]!r}")
        check_error(answer)
        self.note(records.REJECTED, status)

    def is_refused(self, answer: Answer) -> bool:
        """Whether an answer is 429 or 503, and as is documented; notes it."""
        if answer.status not in (429, 503):
            return False
        check_error(answer)
        if not answer.fields.get("retry-after", "").isdigit():
            raise Lost(f"{answer.status} without Retry-After: {answer.body[:300]!r}")
        self.note(records.REFUSED, answer.status)
        return True

    # Known requests

    async def ask_known(self, known: Known, key: str = "soak", extra: dict | None = None) -> dict | None:
        """Asks for a whole answer and notes it; its document, None where it was refused."""
        answer = await self.ask("POST", known.path, {**known.body, **(extra or {})}, key)
        if self.is_refused(answer):
            return None
        if answer.status != 200:
            raise Lost(f"'{known.name}' is answered {answer.status}: {answer.body[:300]!r}")
        document = answer.json()
        if extra is None:
            self.soak.references.check(known.name, reduced(document))
        self.note(records.ANSWERED, 200, seconds=answer.seconds)
        return document

    async def stream_known(self, known: Known, sip: Sip | None = None, receive_buffer: int | None = None) -> dict | None:
        """Asks for a stream, reads it to its end, and notes it; what it says in all."""
        body = {**known.body, "stream": True, "stream_options": {"include_usage": True}}
        if sip is None:
            wire, head, start = await self.begin("POST", known.path, body)
        else:
            wire, start = await self.connect(sip, receive_buffer), time.monotonic()
        try:
            if sip is not None:
                await wire.send(self.encoded("POST", known.path, body))
                head = await wire.head()
            if head.status != 200:
                whole = bytearray()
                async for piece in wire.pieces(head):
                    whole += piece
                answer = Answer(head.status, head.fields, bytes(whole))
                if self.is_refused(answer):
                    wire.close()
                    return None
                raise Lost(f"'{known.name}' is answered {answer.status}: {answer.body[:300]!r}")
            first, chunks = await self.read_stream(wire, head, start)
        except BaseException:
            wire.close()
            raise
        if sip is None:
            self.keep(wire, head)
        else:
            wire.close()
        whole = joined(chunks)
        self.soak.references.check(known.name, whole)
        self.note(records.ANSWERED, 200, first, time.monotonic() - start)
        return whole

    async def read_stream(self, wire: Wire, head: Head, start: float) -> tuple[float, list[dict]]:
        """The chunks of a stream that has to end with [DONE]; seconds to the first that says something."""
        first, chunks, is_done = None, [], False
        async for data in events(wire, head):
            if is_done:
                raise Lost(f"this follows [DONE]: {data[:200]!r}")
            if data == b"[DONE]":
                is_done = True
                continue
            chunk = json.loads(data)
            if "error" in chunk:
                raise Lost(f"the stream ends with an error after {len(chunks)} chunks: {data[:400]!r}")
            if first is None and any(choice.get("text") or choice.get("delta", {}).get("content") for choice in chunk["choices"]):
                first = time.monotonic() - start
            chunks.append(chunk)
        if not is_done:
            raise Lost(f"the stream ends without [DONE] after {len(chunks)} chunks")
        return first if first is not None else time.monotonic() - start, chunks
