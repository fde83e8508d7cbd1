"""Clients that are slow: some only slow, and served; others too slow, and cut off."""

import asyncio
import time

import records
from actors.actor import Actor
from catalogue import controlled, plain
from program import BODY_TIMEOUT, HEADER_TIMEOUT, WRITE_TIMEOUT
from wire import Answer, Lost, Sip, Wire

# How much later than its time-out something may happen on a busy machine, in seconds.
PATIENCE = 20.0


class SlowReaders(Actor):
    """Their socket holds next to nothing, and they read some hundred bytes now and then: slow, but never still. They get all of it."""

    kind = "slow readers"
    pause = 1.0

    async def act(self):
        known = self.random.choice([entry for entry in plain() + controlled() if entry.body["max_tokens"] <= 30])
        await self.stream_known(known, Sip(self.random.randrange(200, 900), self.random.uniform(0.05, 0.4)), 2048)


class StalledReaders(Actor):
    """Stop reading a large answer: are cut off when the write time-out has passed."""

    kind = "stalled readers"
    pause = 2.0
    source = "127.0.0.3"

    async def act(self):
        wire = await self.connect(Sip(2048, 0.01), 4096)
        try:
            if self.random.random() < 0.5:
                await wire.send(self.encoded("GET", "/admin/v1/heads/bulk?download", key=None))
            else:
                body = {
                    "model": "tiny", "prompt": "x", "n": 16, "max_tokens": 400, "ignore_eos": True, "logprobs": 20, "stream": True,
                    "temperature": 1,
                }
                await wire.send(self.encoded("POST", "/v1/completions", body))
            head = await wire.head()
            if head.status in (429, 503):
                return self.note(records.REFUSED, head.status)
            if head.status != 200:
                raise Lost(f"a large answer is answered {head.status}")
            await asyncio.sleep(WRITE_TIMEOUT + self.random.uniform(2, 8))
            wire.sip = None
            async with asyncio.timeout(PATIENCE):
                try:
                    async for _ in wire.pieces(head):
                        pass
                except (EOFError, ConnectionError):
                    return self.note(records.CUT, head.status)
            raise Lost(f"who reads nothing for {WRITE_TIMEOUT} s is not cut off")
        finally:
            wire.close()


class SlowHeaders(Actor):
    """A byte of the header a second, over many connections: answered 408 when the header's time is over, whatever came."""

    kind = "slow headers"
    pause = 4.0
    source = "127.0.0.3"
    connections = 20

    async def act(self):
        clients = [SlowHeader(self.soak, self.random.getrandbits(32)) for _ in range(self.connections)]
        await asyncio.gather(*(client.once() for client in clients))


class SlowHeader(Actor):
    """One of them."""

    kind = "slow headers"
    source = "127.0.0.3"

    async def act(self):
        start = time.monotonic()
        data = self.encoded("POST", "/v1/completions", b"x" * 100)
        answer = await dribbled(self, data[: data.index(b"\r\n\r\n")], 1.0, HEADER_TIMEOUT, "a header that does not end")
        if answer.fields.get("connection") != "close":
            raise Lost("a header that does not end ends no connection")
        if time.monotonic() - start < HEADER_TIMEOUT - 1:
            raise Lost("the header's time was not given")


class SlowBodies(Actor):
    """A byte of the body now and then: answered 408."""

    kind = "slow bodies"
    pause = 2.0
    source = "127.0.0.3"

    async def act(self):
        chunked = self.random.random() < 0.5
        data = self.encoded("POST", "/v1/completions", None, fields={"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": "1000"})
        body = b"1\r\n{\r\n" * 1000 if chunked else b"{" * 1000
        await dribbled(self, body, 0.9, BODY_TIMEOUT, "a body that does not end", data)


class IdleConnections(Actor):
    """Connections on which nothing comes are closed without a word."""

    kind = "idle connections"
    pause = 5.0
    source = "127.0.0.3"

    async def act(self):
        wires = [await self.connect() for _ in range(10)]
        try:
            async with asyncio.timeout(HEADER_TIMEOUT + PATIENCE):
                for wire in wires:
                    if count := await wire.rest():
                        raise Lost(f"a connection without a request gets {count} bytes")
            for _ in wires:
                self.note(records.CUT)
        except TimeoutError as error:
            raise Lost("a connection without a request is not closed") from error
        finally:
            for wire in wires:
                wire.close()


async def dribbled(actor: Actor, data: bytes, seconds: float, limit: float, what: str, before: bytes = b"") -> Answer:
    """Sends a byte at a time, and sees to it that the answer is 408 when the server's time-out is over."""
    wire = await actor.connect()
    sender = asyncio.create_task(dribble(wire, data, seconds, before))
    try:
        async with asyncio.timeout(limit + PATIENCE):
            answer = await wire.answer()
        actor.reject(answer, 408, what)
        return answer
    except TimeoutError as error:
        raise Lost(f"{what} is not answered") from error
    finally:
        sender.cancel()
        wire.close()


async def dribble(wire: Wire, data: bytes, seconds: float, before: bytes = b"") -> None:
    """Sends a byte at a time until the peer takes no more."""
    try:
        await wire.send(before)
        for index in range(len(data)):
            await wire.send(data[index : index + 1])
            await asyncio.sleep(seconds)
    except OSError:
        return
