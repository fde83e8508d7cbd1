"""Many prompts at once: evaluations, and files with their batches."""

import asyncio
import json
import time

import records
from actors.actor import Actor
from catalogue import evaluated
from references import reduced
from wire import Lost

LINES = evaluated()


def text_of(known) -> dict:
    """The members of a line."""
    return {name: value for name, value in known.body.items()}


class Evaluations(Actor):
    """Some hundred lines, sent while results are read. Every line gets its one result, and wrong lines their error."""

    kind = "evaluations"
    pause = 8.0

    async def act(self):
        lines, expected = [], {}
        for number in range(self.random.randrange(150, 300)):
            if self.random.random() < 0.03:
                lines.append(self.random.choice((b"{", b'{"id":"bad"}', b'{"id":"bad","prompt":"x","temperature":9}')))
                expected[number + 1] = None
            else:
                known = self.random.choice(LINES)
                lines.append(json.dumps({"id": number, **text_of(known)}).encode())
                expected[number + 1] = known
        wire, start = await self.connect(), time.monotonic()
        sender = asyncio.create_task(self.send(wire, lines))
        try:
            head = await wire.head()
            if head.status == 429:
                return self.note(records.REFUSED, 429)
            if head.status != 200:
                raise Lost(f"an evaluation is answered {head.status}")
            first, summary = time.monotonic() - start, None
            waiting = bytearray()
            async for piece in wire.pieces(head):
                waiting += piece
                *whole, waiting = waiting.split(b"\n")
                for line in whole:
                    if summary is not None:
                        raise Lost(f"this follows the summary: {line[:200]!r}")
                    result = json.loads(line)
                    if "summary" in result:
                        summary = result["summary"]
                    else:
                        self.check(result, expected)
            await sender
            if expected or summary is None or summary["lines"] != len(lines):
                raise Lost(f"of {len(lines)} lines {len(expected)} have no result; the summary is {summary}")
            self.soak.records.count("lines of evaluations", len(lines))
            self.note(records.ANSWERED, 200, first, time.monotonic() - start)
        finally:
            sender.cancel()
            wire.close()

    async def send(self, wire, lines):
        await wire.send(self.encoded("POST", "/v1/evaluations", None, fields={"Transfer-Encoding": "chunked"}))
        while lines:
            count = self.random.randrange(1, 40)
            piece = b"".join(line + b"\n" for line in lines[:count])
            lines = lines[count:]
            await wire.send(b"%x\r\n%b\r\n" % (len(piece), piece))
            await asyncio.sleep(self.random.uniform(0, 0.1))
        await wire.send(b"0\r\n\r\n")

    def check(self, result: dict, expected: dict):
        if result.get("line") not in expected:
            raise Lost(f"this is no line's first result: {result}")
        known = expected.pop(result["line"])
        if (known is None) != ("error" in result):
            raise Lost(f"line {result['line']} has the result {result}")
        if known is not None:
            if result["id"] != result["line"] - 1:
                raise Lost(f"line {result['line']} has the id {result['id']}")
            self.soak.references.check(f"text of {known.name}", [result["text"], result["finish_reason"]])


class Batches(Actor):
    """A file is uploaded, a batch made of it, its results fetched, and all removed. Now and then a batch is cancelled."""

    kind = "files and batches"
    pause = 5.0

    async def act(self):
        count = self.random.randrange(10, 40)
        lines = [
            {"custom_id": f"r{number}", "method": "POST", "url": "/v1/completions", "body": text_of(self.random.choice(LINES))}
            for number in range(count)
        ]
        wrong = self.random.randrange(count)
        lines[wrong]["body"] = {**lines[wrong]["body"], "temperature": 9}
        content = "".join(json.dumps(line) + "\n" for line in lines).encode()
        start = time.monotonic()
        file = await self.upload(content)
        if (await self.expect("GET", f"/v1/files/{file}/content")).body != content:
            raise Lost("a file's content is not what was uploaded")
        body = {"input_file_id": file, "endpoint": "/v1/completions", "completion_window": "24h"}
        batch = (await self.expect("POST", "/v1/batches", body)).json()
        cancels = self.random.random() < 0.2
        if cancels:
            answer = await self.ask("POST", f"/v1/batches/{batch['id']}/cancel")
            # A short batch may have ended by then.
            if answer.status != 200 and answer.json()["error"]["code"] != "batch_not_cancellable":
                raise Lost(f"a batch is not cancelled: {answer.status} {answer.body[:300]!r}")
        while batch["status"] not in ("completed", "failed", "cancelled"):
            await asyncio.sleep(0.5)
            batch = (await self.expect("GET", f"/v1/batches/{batch['id']}")).json()
        if batch["status"] == "completed":
            await self.check(batch, lines, wrong)
            self.soak.records.count("lines of batches", count)
        elif batch["status"] == "failed" or not cancels:
            raise Lost(f"a batch ends as {batch}")
        for made in (file, batch["output_file_id"], batch["error_file_id"]):
            if made is not None:
                await self.expect("DELETE", f"/v1/files/{made}")
        self.note(records.ANSWERED, 200, seconds=time.monotonic() - start)

    async def upload(self, content: bytes) -> str:
        form = (b'--soak\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
                b'--soak\r\nContent-Disposition: form-data; name="file"; filename="lines.jsonl"\r\n\r\n' + content + b"\r\n--soak--\r\n")
        return (await self.expect("POST", "/v1/files", form, {"Content-Type": "multipart/form-data; boundary=soak"})).json()["id"]

    async def expect(self, method: str, path: str, body=None, fields: dict | None = None):
        answer = await self.ask(method, path, body, fields=fields)
        if answer.status != 200:
            raise Lost(f"{method} {path} is answered {answer.status}: {answer.body[:300]!r}")
        return answer

    async def check(self, batch: dict, lines: list[dict], wrong: int):
        if batch["request_counts"] != {"total": len(lines), "completed": len(lines) - 1, "failed": 1}:
            raise Lost(f"{len(lines)} lines, one of them wrong, are counted as {batch['request_counts']}")
        left = {line["custom_id"]: line for line in lines}
        output = (await self.expect("GET", f"/v1/files/{batch['output_file_id']}/content")).body
        errors = (await self.expect("GET", f"/v1/files/{batch['error_file_id']}/content")).body
        for line in (output + errors).splitlines():
            result = json.loads(line)
            asked = left.pop(result["custom_id"])
            if (result["response"]["status_code"] == 400) != (result["custom_id"] == f"r{wrong}"):
                raise Lost(f"a line has the result {line[:300]!r}")
            if result["response"]["status_code"] == 200:
                name = next(known.name for known in LINES if known.body == asked["body"])
                self.soak.references.check(name, reduced(result["response"]["body"]))
        if left:
            raise Lost(f"lines of a batch have no result: {sorted(left)}")
