"""The time of day jumps by a day, forth and back: nothing may hang on it."""

import contextlib
import email.utils
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest

from support import MODEL, PROGRAM, FaultCase, clean_environment, eventually, make_head

HERE = pathlib.Path(__file__).resolve().parent
DAY = 86_400


class ClockCase(FaultCase):
    """A server whose time of day jumps while it runs. Its steady clocks do not, as where a clock is set."""

    @classmethod
    def setUpClass(cls):
        compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("clang")
        if not compiler:
            raise unittest.SkipTest("there is no C compiler for the clock that jumps: apt-get install gcc")
        folder = tempfile.TemporaryDirectory(prefix="rudder-faults-")
        cls.addClassCleanup(folder.cleanup)
        cls.library = f"{folder.name}/clock_jump.so"
        subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", cls.library, HERE / "clock_jump.c", "-ldl"], check=True)

    def setUp(self):
        super().setUp()
        self.offset = f"{self.folder}/offset"
        with open(self.offset, "wb") as file:
            file.write(bytes(8))

    def jump(self, seconds):
        """Sets the clock to so many seconds beside the right time."""
        with open(self.offset, "r+b", buffering=0) as file:
            file.write(struct.pack("<q", seconds * 10**9))

    def misled(self, **options):
        """A server whose clock jumps, which is tried first."""
        server = self.server(environment={"LD_PRELOAD": self.library, "CLOCK_JUMP": self.offset}, **options)
        for seconds in (DAY, -DAY, 0):
            self.jump(seconds)
            with contextlib.closing(server.connection()) as connection:
                connection.request("GET", "/health")
                answer = connection.getresponse()
                answer.read()
                told = email.utils.parsedate_to_datetime(answer.headers["Date"]).timestamp()
            self.assertLess(abs(told - time.time() - seconds), 10, "the clock of the server does not jump")
        return server


class ClockTests(ClockCase):
    def test_streams_go_on(self):
        if not MODEL.exists():
            self.skipTest(f"there is no {MODEL}: run make model")
        server = self.misled(models=(MODEL,), server__write_timeout_seconds=2, server__body_timeout_seconds=2)
        request = {"model": "smollm2", "prompt": "Once upon a time", "max_tokens": 120, "temperature": 0, "stream": True}
        undisturbed, _ = self.stream(server, request, [])
        text, longest = self.stream(server, request, [DAY, -DAY, 0, -DAY, DAY])
        self.assertEqual(text, undisturbed)
        self.note(f"the longest pause of a stream with five jumps was {longest:.2f} s")
        self.assertLess(longest, 5)

    def stream(self, server, request, jumps):
        """The text of a stream that ends as it should, while the clock jumps every fifteen tokens, and its longest pause."""
        text, longest, last, count, jumps = "", 0, None, 0, list(jumps)
        with contextlib.closing(server.connection()) as connection:
            connection.request("POST", "/v1/completions", json.dumps(request))
            for line in connection.getresponse():
                if line == b"data: [DONE]\n":
                    self.assertEqual(jumps, [], "the stream was too short for all jumps")
                    return text, longest
                if line.startswith(b"data: "):
                    text += json.loads(line[6:])["choices"][0]["text"]
                    now = time.monotonic()
                    longest, last, count = max(longest, now - (last or now)), now, count + 1
                    if count % 15 == 0 and jumps:
                        self.jump(jumps.pop(0))
        self.fail(f"the stream broke off after {text!r}")

    def test_time_outs_come_when_they_should(self):
        server = self.misled(server__header_timeout_seconds=2, server__body_timeout_seconds=2, server__idle_timeout_seconds=2)
        starts = {
            "header": b"GET /health HTTP/1.1\r\nHost: a\r\n",
            "body": b"POST /v1/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{",
            "idle": b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n",
        }
        found = {}
        for seconds in (DAY, -DAY):
            for name, start in starts.items():
                self.jump(0)
                with socket.create_connection((server.host, server.port), timeout=10) as connection:
                    connection.sendall(start)
                    time.sleep(0.3)
                    begin = time.monotonic()
                    self.jump(seconds)
                    while connection.recv(65536):
                        pass
                    found[f"{name} {seconds:+d}"] = round(time.monotonic() - begin, 2)
        self.note(f"connections ended after {found} s, where 2 less 0.3 are right")
        for name, length in found.items():
            self.assertGreater(length, 1.2, f"{name}: ended too early")
            self.assertLess(length, 5, f"{name}: ended too late")

    def test_the_limits_of_keys_hold(self):
        made = subprocess.run(
            [PROGRAM, "keys", "new", "alice", "--requests-per-minute", "20"], env=clean_environment({}), capture_output=True, text=True, check=True
        )
        with open(f"{self.folder}/keys.yaml", "w", encoding="utf-8") as file:
            file.write(made.stdout)
        fields = {"Authorization": f"Bearer {re.search('sk-rudder-[A-Za-z0-9_-]+', made.stderr)[0]}"}
        server = self.misled(access__keys_file=f"{self.folder}/keys.yaml")
        body = json.dumps({"model": "tiny", "prompt": "a", "max_tokens": 1})

        def use_up():
            """Asks until it is refused: how often it was not, and for how long to wait."""
            for count in range(40):
                with contextlib.closing(server.connection()) as connection:
                    connection.request("POST", "/v1/completions", body, fields)
                    answer = connection.getresponse()
                    answer.read()
                    if answer.status == 429:
                        return count, float(answer.headers["retry-after-ms"]) / 1000
                    self.assertEqual(answer.status, 200)
            self.fail("the limit is gone")

        count, wait = use_up()
        self.assertIn(count, range(20, 24))
        for seconds in (DAY, 0, -DAY, 0):
            self.jump(seconds)
            count, wait = use_up()
            self.assertLessEqual(count, 2, "a jump of the clock gave requests away")
            self.assertLessEqual(wait, 4, "a jump of the clock takes requests away")
        self.jump(-DAY)
        time.sleep(wait + 0.1)
        self.assertGreaterEqual(use_up()[0], 1, "after the time that it was told there is still no request")

    def test_changes_of_the_registry_are_seen(self):
        server = self.misled()
        other = self.server(batches__directory="", log=f"{self.folder}/other")
        slowest = 0
        for number, seconds in enumerate((DAY, DAY, -DAY, -DAY, 0, -DAY, DAY, 0)):
            self.jump(seconds)
            for _ in range(3):
                version = json.loads(other.ask("PUT", "/admin/v1/heads/mine", make_head(self.random, 16))[1])["version"]
                begin = time.monotonic()
                seen = eventually(lambda: server.get("/v1/heads")[1]["data"][0:1] and server.get("/v1/heads")[1]["data"][0]["version"] == version, 10)
                self.assertTrue(seen, f"version {version} is not seen after a jump to {seconds}")
                slowest = max(slowest, time.monotonic() - begin)
            # Its own, too.
            self.assertIn(server.ask("PUT", f"/admin/v1/heads/own{number}", make_head(self.random, 16))[0], (200, 201))
            self.assertTrue(eventually(lambda: f"own{number}" in [head["id"] for head in other.get("/v1/heads")[1]["data"]], 10))
        self.note(f"24 changes seen after at most {slowest:.2f} s")
        self.assertLess(slowest, 3)

    def test_batches_end(self):
        server = self.misled()
        lines = "".join(
            json.dumps({"custom_id": f"{line}", "method": "POST", "url": "/v1/completions",
                        "body": {"model": "tiny", "prompt": "a", "max_tokens": 512, "seed": line}}) + "\n" for line in range(200)
        )
        for jumps in ((DAY, 0), (-DAY, 0), (DAY, -DAY)):
            status, file = server.upload(lines.encode())
            self.assertEqual(status, 200)
            status, batch = server.post("/v1/batches", {"input_file_id": file["id"], "endpoint": "/v1/completions", "completion_window": "24h"})
            self.assertEqual(status, 200)
            unfinished = 0
            for seconds in jumps:
                time.sleep(0.3)
                unfinished += server.get(f"/v1/batches/{batch['id']}")[1]["status"] != "completed"
                self.jump(seconds)
            self.assertGreater(unfinished, 0, "the batch ended before the clock jumped")
            ended = eventually(lambda: (lambda now: now["status"] == "completed" and now)(server.get(f"/v1/batches/{batch['id']}")[1]), 60)
            self.assertTrue(ended, server.log()[-2000:])
            self.assertEqual(ended["request_counts"], {"total": 200, "completed": 200, "failed": 0})

    def test_a_drain_takes_its_time_and_no_more(self):
        if not MODEL.exists():
            self.skipTest(f"there is no {MODEL}: run make model")
        for seconds in (DAY, -DAY):
            self.jump(0)
            server = self.misled(models=(MODEL,), server__drain_seconds=3)
            ended = threading.Event()
            thread = threading.Thread(target=self.read_all, args=(server, ended))
            thread.start()
            time.sleep(1)
            begin = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            self.jump(seconds)
            time.sleep(1)
            self.assertTrue(server.is_running, "the drain was cut short")
            self.assertFalse(ended.is_set(), "the stream was cut off early")
            self.assertEqual(server.process.wait(60), 0)
            length = time.monotonic() - begin
            thread.join(10)
            self.note(f"{seconds:+d} s: drained in {length:.2f} s of 3")
            self.assertLess(length, 10)

    def read_all(self, server, ended):
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(server.connection()) as connection:
            request = {"model": "smollm2", "prompt": "Once upon a time", "max_tokens": 4000, "temperature": 1, "n": 16, "stream": True}
            connection.request("POST", "/v1/completions", json.dumps(request))
            connection.getresponse().read()
        ended.set()


if __name__ == "__main__":
    unittest.main()
