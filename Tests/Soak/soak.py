"""Loads a server with mixed traffic for minutes or hours, and looks whether it loses a request or keeps what it should give back.

    make soak                  ten minutes
    make soak SECONDS=3600     the hour

The built program runs as a child, in folders of its own. Clients of many kinds use and abuse it at once; every answer is checked, those whose tokens are
determined byte for byte against the answer that was given alone. Every now and then the load rests until nobody is served, and what the process then holds
is noted: memory, descriptors, threads. The first fifth of the time is the warm-up. Exits with 1 where something is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import pathlib
import platform
import sys
import time
from statistics import median

import report
from actors.actor import Actor
from actors.heads import CONTENTS, known
from actors.many import LINES
from actors.requests import WORDS, Vectors
from cast import CAST
from catalogue import choices, controlled, plain, tiny
from gate import Gate
from head_file import head_file
from program import PROGRAM, UPLOAD_BYTES, Program, samples, total
from records import Records, summary
from references import References, joined, reduced
from verdict import Rest, judge
from wire import Lost

WARM_UP = 0.2
# What a client that is late by so many seconds meets is not held against the server; but no more than such a part of all requests.
LATE = 2.0
MOST_STARVED = 0.01
SETTLE = 6.0
# The slowest actor, a batch that waits for its turn, may take so long to end when a rest begins.
REST_LIMIT = 300.0


class Soak:
    """One run."""

    def __init__(self, arguments: argparse.Namespace):
        self.arguments = arguments
        self.seed = arguments.seed
        self.seconds = arguments.seconds
        self.records = Records()
        self.references = References()
        self.gate = Gate()
        self.rests: list[Rest] = []
        self.series: list[dict] = []
        # By how much this program was late, and when it was so by much.
        self.lateness: list[float] = []
        self.late: list[float] = []
        self.problems: list[str] = []
        self.metrics: dict[str, float] = {}
        self.program = Program(arguments.keep)
        self.start = time.monotonic()
        # What is done beside the load: the scrapes, and the requests before it begins.
        self.helper = Actor(self, 0)

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.start

    def was_late(self, since: float) -> bool:
        """Whether this program itself did not run for some seconds since a moment."""
        return any(at >= since for at in self.late)

    def say(self, text: str) -> None:
        print(f"soak: {self.elapsed:6.0f} s  {text}", file=sys.stderr, flush=True)

    # Before the load

    async def learn(self) -> None:
        """Asks for every known answer alone, and for each that can be streamed also as a stream, which has to say the same."""
        for entry in plain() + controlled() + choices() + tiny() + LINES:
            whole = await self.alone("POST", entry.path, entry.body)
            self.references.learn(entry.name, reduced(whole))
            self.references.learn(f"text of {entry.name}", [whole["choices"][0].get("text"), whole["choices"][0]["finish_reason"]])
            if entry.streams:
                body = {**entry.body, "stream": True, "stream_options": {"include_usage": True}}
                wire, head, start = await self.helper.begin("POST", entry.path, body)
                _, chunks = await self.helper.read_stream(wire, head, start)
                wire.close()
                self.references.check(entry.name, joined(chunks))
        for name, method, path, body in Vectors.known:
            self.references.learn(name, await self.alone(method, path, body))
        for (model, number), content in CONTENTS.items():
            await self.alone("PUT", "/admin/v1/heads/first", content, {200, 201})
            entry = known(model, number)
            self.references.learn(entry.name, reduced(await self.alone("POST", entry.path, {**entry.body, "control": {"head": "first"}})))
        await self.alone("DELETE", "/admin/v1/heads/first")

    async def fill(self) -> None:
        """Fills the caches that have a bound, so that what grows later is none of them: blocks of the KV cache, controllers, formats."""
        bulk = head_file(0, 64, 30_000)
        assert len(bulk) < UPLOAD_BYTES
        await self.alone("PUT", "/admin/v1/heads/bulk", bulk, {200, 201})
        for number in range(70):
            control = {"head": "positivity", "steps": number}
            body = {"model": "smollm2", "prompt": "x", "max_tokens": 1, "control": control}
            await self.alone("POST", "/v1/completions", body)
        for number in range(40):
            schema = {"type": "string", "maxLength": number + 1}
            form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
            await self.alone("POST", "/v1/completions", {"model": "tiny", "prompt": "x", "max_tokens": 100, "response_format": form})
        for model in ("smollm2", "tiny"):
            while total(await self.scrape(), "rudder_kv_cache_blocks", f'model="{model}",state="free"'):
                prompt = " ".join(self.helper.random.choices(WORDS, k=400 if model == "smollm2" else 100))
                await self.alone("POST", "/v1/completions", {"model": model, "prompt": prompt, "max_tokens": 1})

    async def alone(self, method: str, path: str, body=None, statuses: set[int] = frozenset({200})) -> dict:
        answer = await self.helper.ask(method, path, body, None if path.startswith("/admin") else "soak")
        if answer.status not in statuses:
            raise Lost(f"{method} {path} is answered {answer.status} before there is any load: {answer.body[:300]!r}")
        return answer.json()

    async def scrape(self) -> dict[str, float]:
        """The metrics, over a connection that is closed at once."""
        answer = await self.helper.ask("GET", "/metrics", None, None, {"Connection": "close"})
        self.metrics = samples(answer.body.decode())
        return self.metrics

    # The load

    async def load(self) -> None:
        """Runs everybody for the time, with rests."""
        wanted = {name for name in (self.arguments.only or "").split(",") if name}
        unwanted = {name for name in (self.arguments.without or "").split(",") if name}
        actors = [
            kind(self, number) for kind, count in CAST.items() for number in range(count)
            if (not wanted or kind.__name__ in wanted) and kind.__name__ not in unwanted
        ]
        self.start = time.monotonic()
        await self.rest()
        tasks = [asyncio.create_task(actor.run()) for actor in actors]
        watches = [asyncio.create_task(self.watch()), asyncio.create_task(self.watch_itself())]
        rests = max(5, min(20, round(self.seconds / 150))) + 1
        try:
            for number in range(1, rests + 1):
                self.gate.open()
                end = self.start + self.seconds * number / rests
                await self.working(max(10.0, end - time.monotonic()), tasks)
                await self.rest()
        finally:
            for task in [*tasks, *watches]:
                task.cancel()
            await asyncio.gather(*tasks, *watches, return_exceptions=True)

    async def working(self, seconds: float, tasks: list[asyncio.Task]) -> None:
        """Waits; ends early where the server has, or an actor fails by a fault of its own."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            done, _ = await asyncio.wait(tasks, timeout=min(left, 2.0), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            if self.program.process.poll() is not None:
                raise Lost(f"the server ended with status {self.program.process.returncode}")

    async def watch(self) -> None:
        """Notes memory and the gauges every few seconds."""
        while True:
            await asyncio.sleep(5)
            if self.program.process.poll() is not None:
                return
            found = {"at": round(self.elapsed, 1), "load": self.gate.is_open, **self.program.memory(), "threads": self.program.threads(),
                     "descriptors": len(self.program.descriptors()), "requests": self.records.total}
            if self.gate.is_open:
                try:
                    async with asyncio.timeout(60):
                        answer = await Actor(self, 0).ask("GET", "/metrics", None, None, {"Connection": "close"})
                    metrics = samples(answer.body.decode())
                    for name in ("rudder_http_connections", "rudder_requests_running", "rudder_requests_waiting"):
                        found[name] = total(metrics, name)
                    found["rudder_kv_cache_usage_ratio"] = max(
                        value for key, value in metrics.items() if key.startswith("rudder_kv_cache_usage_ratio"))
                except (Lost, OSError, EOFError, TimeoutError) as error:
                    self.records.lose("scrapes", f"{type(error).__name__}: {error}", self.elapsed)
            self.series.append(found)

    async def watch_itself(self) -> None:
        """Notes by how much this program itself is late, which is no fault of the server's."""
        while True:
            due = time.monotonic() + 0.05
            await asyncio.sleep(0.05)
            self.lateness.append(time.monotonic() - due)
            if self.lateness[-1] > LATE:
                self.late.append(time.monotonic())

    async def rest(self) -> None:
        """Lets the load rest until nothing is served any more, and notes what the process holds."""
        self.gate.close()
        begun = time.monotonic()
        async with asyncio.timeout(REST_LIMIT):
            await self.gate.idle()
        waited = time.monotonic() - begun
        gauges: dict[str, int] = {}
        # What clients have left behind ends by time-outs, the longest of which is some seconds.
        for _ in range(40):
            metrics = await self.scrape()
            gauges = {
                "connections": total(metrics, "rudder_http_connections") - 1, "running": total(metrics, "rudder_requests_running"),
                "waiting": total(metrics, "rudder_requests_waiting"),
                "used_blocks": total(metrics, "rudder_kv_cache_blocks", 'state="used"'), "leftovers": self.program.leftovers(),
            }
            if not any(gauges.values()):
                break
            await asyncio.sleep(0.5)
        await asyncio.sleep(SETTLE)
        readings = []
        for _ in range(5):
            readings.append((self.program.memory(), len(self.program.descriptors()), self.program.threads()))
            await asyncio.sleep(0.2)
        memory = {name: int(median(reading[0][name] for reading in readings)) for name in readings[0][0]}
        rest = Rest(
            at=round(self.elapsed, 1), requests=self.records.total, descriptors=min(reading[1] for reading in readings),
            threads=min(reading[2] for reading in readings), free_blocks=total(self.metrics, "rudder_kv_cache_blocks", 'state="free"'),
            load_average=os.getloadavg()[0], **memory, **gauges,
        )
        self.rests.append(rest)
        self.say(
            f"rest ({waited:.0f} s to come to it): {rest.rss / 2**20:.1f} MiB, {rest.anonymous / 2**20:.1f} of no file; "
            f"{rest.descriptors} descriptors, {rest.threads} threads; {rest.requests} requests, {len(self.records.losses)} lost"
        )

    # The whole

    async def run(self) -> dict:
        """Everything, to the report."""
        status = None
        try:
            self.say(f"{PROGRAM} serves on port {self.program.address[1]}; asking for answers alone")
            await self.learn()
            self.say("filling caches")
            await self.fill()
            self.helper.drop()
            self.say(f"{self.seconds} s of load begin")
            await self.load()
            await self.scrape()
        except (Lost, OSError, EOFError, TimeoutError) as error:
            self.problems.append(f"the run broke off: {type(error).__name__}: {error}")
        log = self.program.log_counts()
        if self.program.process.poll() is None:
            begun = time.monotonic()
            status = await asyncio.to_thread(self.program.stop)
            if status != 0:
                self.problems.append(f"after SIGTERM the server ended with status {status}, in {time.monotonic() - begun:.1f} s")
        else:
            self.problems.append(f"the server ended by itself with status {self.program.process.returncode}")
            self.program.discard()
        return self.document(log)

    def document(self, log: dict[str, int]) -> dict:
        growth, found = judge(self.rests, WARM_UP * self.seconds)
        problems = self.problems + found
        if self.records.losses:
            problems.append(f"{len(self.records.losses)} requests were lost")
        starved = sum(outcomes["starved"] for outcomes in self.records.outcomes.values())
        if starved > MOST_STARVED * self.records.total:
            problems.append(f"{starved} requests met a machine too busy to run their clients: nothing can be said of them; run it when there is less to do")
        for kind, outcomes in self.records.outcomes.items():
            if not sum(outcomes[outcome] for outcome in ("answered", "rejected", "left", "cut")):
                problems.append(f"none of {kind} ended as it should")
        for name, label, what in (
            ("rudder_worker_failures_total", "", "failures of workers"), ("rudder_http_requests_total", 'status="500"', "answers of status 500"),
        ):
            if count := total(self.metrics, name, label):
                problems.append(f"the server counts {count} {what}")
        return {
            "machine": machine(),
            "program": str(PROGRAM),
            "version": next((key for key in self.metrics if key.startswith("rudder_build_info")), None),
            "seconds": self.seconds,
            "seed": self.seed,
            "requests": self.records.total,
            "kinds": self.records.document(),
            "counted": dict(self.records.counted),
            "client_lateness_seconds": summary(self.lateness),
            "server": {
                name: total(self.metrics, name) for name in (
                    "rudder_http_requests_total", "rudder_requests_total", "rudder_prompt_tokens_total", "rudder_generation_tokens_total",
                    "rudder_controlled_tokens_total", "rudder_heads_uploaded_total", "rudder_heads_removed_total")
            } | {key: int(value) for key, value in self.metrics.items() if key.startswith("rudder_requests_total")},
            "growth": growth,
            "series": self.series,
            "log": log,
            "losses": self.records.losses[:200],
            "problems": problems,
        }


def machine() -> dict:
    """What the run was made on."""
    text = pathlib.Path("/proc/cpuinfo").read_text()
    model = next((line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")), platform.machine())
    return {"processor": model, "cores": os.cpu_count(), "kernel": platform.release(), "load_average": os.getloadavg()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=600, help="how long the load lasts (600)")
    parser.add_argument("--seed", type=int, default=1, help="of what clients do by chance (1)")
    parser.add_argument("--json", metavar="FILE", help="write the report there as well")
    parser.add_argument("--only", metavar="NAMES", help="only these actors, by their class names, separated by commas")
    parser.add_argument("--without", metavar="NAMES", help="without these")
    parser.add_argument("--keep", metavar="FOLDER", help="a folder for the server's files and log, which then stay")
    arguments = parser.parse_args()
    document = asyncio.run(Soak(arguments).run())
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(document, indent=1), encoding="utf-8")
    print(report.text(document))
    return 1 if document["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
