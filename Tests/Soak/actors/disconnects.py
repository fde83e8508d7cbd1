"""Clients that go away, at every stage of a request."""

import asyncio
import json

import records
from actors.actor import Actor
from catalogue import choices, controlled, plain, tiny
from head_file import head_file
from wire import Lost, Wire, events

LARGE_HEAD = head_file(0, 64, 2000)


class Disconnects(Actor):
    """Nobody waits for these any more; what they held has to come free, which the rests look at."""

    kind = "disconnects"
    pause = 1.0
    source = "127.0.0.3"

    async def act(self):
        way = self.random.choice((
            self.within_the_header, self.within_the_body, self.before_the_answer, self.within_a_stream, self.within_a_stream,
            self.within_a_stream, self.by_closing_one_side, self.within_an_evaluation, self.within_an_upload, self.within_a_form,
        ))
        wire = await self.connect()
        try:
            await way(wire)
        finally:
            if self.random.random() < 0.5:
                wire.reset()
            else:
                wire.close()
        self.note(records.LEFT)

    def some(self):
        known = self.random.choice([entry for entry in plain() + controlled() + choices() + tiny() if entry.streams])
        return known.path, {**known.body, "max_tokens": 200, "ignore_eos": "response_format" not in known.body}

    async def within_the_header(self, wire: Wire):
        path, body = self.some()
        data = self.encoded("POST", path, body)
        await wire.send(data[: self.random.randrange(1, data.index(b"\r\n\r\n"))])
        await asyncio.sleep(self.random.uniform(0, 0.5))

    async def within_the_body(self, wire: Wire):
        path, body = self.some()
        data = self.encoded("POST", path, body)
        await wire.send(data[: self.random.randrange(data.index(b"\r\n\r\n") + 4, len(data))])
        await asyncio.sleep(self.random.uniform(0, 0.5))

    async def before_the_answer(self, wire: Wire):
        path, body = self.some()
        await wire.send(self.encoded("POST", path, body))
        await asyncio.sleep(self.random.uniform(0, 2))

    async def within_a_stream(self, wire: Wire):
        path, body = self.some()
        await wire.send(self.encoded("POST", path, {**body, "stream": True}))
        head = await wire.head()
        if head.status != 200:
            return
        wanted = self.random.randrange(1, 40)
        async for _ in events(wire, head):
            wanted -= 1
            if not wanted:
                return

    async def by_closing_one_side(self, wire: Wire):
        path, body = self.some()
        await wire.send(self.encoded("POST", path, {**body, "stream": self.random.random() < 0.5}))
        await asyncio.sleep(self.random.uniform(0, 0.5))
        wire.socket.shutdown(1)
        # The server takes that for going away, and closes.
        async with asyncio.timeout(30):
            try:
                await wire.rest()
            except ConnectionError:
                return

    async def within_an_evaluation(self, wire: Wire):
        line = json.dumps({"model": "tiny", "prompt": "hello", "max_tokens": 20}) + "\n"
        await wire.send(self.encoded("POST", "/v1/evaluations", (line * 60).encode()))
        head = await wire.head()
        if head.status not in (200, 429):
            raise Lost(f"an evaluation is answered {head.status}")
        for _ in range(self.random.randrange(0, 5)):
            await wire.more()

    async def within_an_upload(self, wire: Wire):
        data = self.encoded("PUT", "/admin/v1/heads/never", LARGE_HEAD, key=None)
        await wire.send(data[: self.random.randrange(1, len(data) - 1)])
        await asyncio.sleep(self.random.uniform(0, 0.5))

    async def within_a_form(self, wire: Wire):
        form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n' + b"x" * 600_000
        data = self.encoded("POST", "/v1/files", form + b"\r\n--x--\r\n", fields={"Content-Type": "multipart/form-data; boundary=x"})
        await wire.send(data[: self.random.randrange(300, len(data) - 1)])
        await asyncio.sleep(self.random.uniform(0, 0.5))
