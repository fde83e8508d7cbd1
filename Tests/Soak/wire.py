"""HTTP/1.1 on a bare socket, so that a client can also be slow, rude or wrong."""

import asyncio
import json
import socket
import struct
import time
from dataclasses import dataclass, field


class Lost(Exception):
    """A well-formed request did not get a complete and correct answer, or a malformed one was not refused as it should be."""


@dataclass
class Head:
    """Status and fields of an answer; names of fields in lower case."""

    status: int
    fields: dict[str, str]


@dataclass
class Answer:
    """A whole answer, and the seconds from the request to its first byte and to its last."""

    status: int
    fields: dict[str, str]
    body: bytes
    first: float = 0.0
    seconds: float = 0.0

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Lost(f"the body of {self.status} is not JSON: {self.body[:200]!r}") from error


@dataclass
class Sip:
    """How a slow reader reads: so many bytes, and a pause before each time."""

    bytes: int
    seconds: float


def encode(method: str, path: str, body: bytes | None = None, fields: dict[str, str] | None = None) -> bytes:
    """A request; its body goes by Content-Length unless the fields say how."""
    lines = {"Host": "127.0.0.1", **(fields or {})}
    if body is not None and not {"Content-Length", "Transfer-Encoding"} & set(lines):
        lines["Content-Length"] = str(len(body))
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return head.encode() + b"\r\n" + (body or b"")


@dataclass
class Wire:
    """A connection. The framing of answers is checked strictly."""

    socket: socket.socket
    sip: Sip | None = None
    buffer: bytearray = field(default_factory=bytearray)
    received: int = 0
    last_use: float = field(default_factory=time.monotonic)

    @classmethod
    async def open(cls, address: tuple[str, int], source: str | None = None, receive_buffer: int | None = None) -> "Wire":
        """Connects, from another address of this machine if `source` names one."""
        connection = socket.socket()
        try:
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if receive_buffer is not None:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            if source is not None:
                connection.bind((source, 0))
            await asyncio.get_running_loop().sock_connect(connection, address)
        except BaseException:
            cls(connection).close()
            raise
        return cls(connection)

    async def send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.socket, data)
        self.last_use = time.monotonic()
        # What is taken at once leaves the others no turn.
        await asyncio.sleep(0)

    async def more(self) -> bool:
        """Waits for further bytes; false where the peer has closed."""
        if self.sip is not None:
            await asyncio.sleep(self.sip.seconds)
        data = await asyncio.get_running_loop().sock_recv(self.socket, self.sip.bytes if self.sip else 65536)
        self.buffer += data
        self.received += len(data)
        self.last_use = time.monotonic()
        return bool(data)

    async def until(self, end: bytes, most: int) -> bytes:
        """What comes before `end`, which is taken as well."""
        while (place := self.buffer.find(end)) < 0:
            if len(self.buffer) > most:
                raise Lost(f"{end!r} does not come within {most} bytes")
            if not await self.more():
                raise EOFError(f"the connection ends after {bytes(self.buffer[-80:])!r}")
        taken = bytes(self.buffer[:place])
        del self.buffer[: place + len(end)]
        return taken

    async def exactly(self, count: int) -> bytes:
        while len(self.buffer) < count:
            if not await self.more():
                raise EOFError(f"the connection ends {count - len(self.buffer)} bytes early")
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken

    async def head(self) -> Head:
        """The next answer's head; those of status 1xx are passed over."""
        while True:
            first, *lines = (await self.until(b"\r\n\r\n", 64 << 10)).decode("latin-1").split("\r\n")
            parts = first.split(" ", 2)
            if len(parts) != 3 or parts[0] != "HTTP/1.1" or len(parts[1]) != 3 or not parts[1].isdigit():
                raise Lost(f"this is no status line: {first!r}")
            fields = {}
            for line in lines:
                name, colon, value = line.partition(":")
                if not colon or not name or name != name.strip():
                    raise Lost(f"this is no field: {line!r}")
                fields[name.lower()] = value.strip()
            if not parts[1].startswith("1"):
                return Head(int(parts[1]), fields)

    async def pieces(self, head: Head):
        """The body, piece by piece, to its end and not beyond."""
        if head.status in (204, 304):
            return
        if "transfer-encoding" in head.fields:
            if head.fields["transfer-encoding"] != "chunked" or "content-length" in head.fields:
                raise Lost(f"the body is delimited in an unknown way: {head.fields}")
            while size := int(await self.until(b"\r\n", 64), 16):
                yield await self.exactly(size)
                if await self.exactly(2) != b"\r\n":
                    raise Lost("a chunk is longer than its size")
            if await self.until(b"\r\n", 64):
                raise Lost("there are trailers")
            return
        if "content-length" not in head.fields:
            raise Lost(f"the body has no end: {head.fields}")
        left = int(head.fields["content-length"])
        while left:
            if not self.buffer and not await self.more():
                raise EOFError(f"the connection ends {left} bytes early")
            piece = bytes(self.buffer[:left])
            del self.buffer[: len(piece)]
            left -= len(piece)
            yield piece

    async def answer(self, start: float | None = None) -> Answer:
        """The next answer as a whole."""
        start = time.monotonic() if start is None else start
        head = await self.head()
        first, body = time.monotonic() - start, bytearray()
        async for piece in self.pieces(head):
            body += piece
        return Answer(head.status, head.fields, bytes(body), first, time.monotonic() - start)

    async def rest(self, most: int = 64 << 20) -> int:
        """Reads and drops what comes until the peer closes; how many bytes."""
        count = len(self.buffer)
        self.buffer.clear()
        while await self.more():
            count += len(self.buffer)
            self.buffer.clear()
            if count > most:
                raise Lost(f"more than {most} bytes come")
        return count

    def close(self) -> None:
        # Who is just cancelled while it waits for the socket lets go of its number only later, when it may be another socket's already, which would
        # then never be told of its bytes. So the number is let go of here.
        if self.socket.fileno() >= 0:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self.socket)
            loop.remove_writer(self.socket)
        self.socket.close()

    def reset(self) -> None:
        """Closes so that the peer gets a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()


async def events(wire: Wire, head: Head):
    """The data of server-sent events; comments are passed over."""
    waiting = bytearray()
    async for piece in wire.pieces(head):
        waiting += piece
        while (end := waiting.find(b"\n\n")) >= 0:
            event = bytes(waiting[:end])
            del waiting[: end + 2]
            if event.startswith(b":"):
                continue
            if not event.startswith(b"data: "):
                raise Lost(f"this is no event: {event[:200]!r}")
            yield event[6:]
    if waiting:
        raise Lost(f"the stream ends within an event: {bytes(waiting[:200])!r}")
