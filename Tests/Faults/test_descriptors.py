"""A server that may have no more files and connections open."""

import contextlib
import http.client
import json
import os
import re
import select
import socket
import subprocess
import threading
import time
import unittest

from support import MODEL, FaultCase, eventually, make_head

DESCRIPTORS = (64, 64)
# Connections that say nothing stay for as long as a test takes.
SETTINGS = {"server__header_timeout_seconds": 300, "server__idle_timeout_seconds": 300}
WARNING = "new connections have to wait"


class DescriptorTests(FaultCase):
    def exhaust(self, server, stack, count=100):
        """Opens more connections than the server can take, until what is returned ends."""
        self.clients = [stack.enter_context(socket.create_connection((server.host, server.port), timeout=10)) for _ in range(count)]
        self.assertTrue(eventually(lambda: WARNING in server.log()), "the log says nothing")

    def test_it_takes_as_many_descriptors_as_its_connections_can_need(self):
        for bounds, expected in [((64, 2000), 2 * 300 + 256), ((64, 400), 400), ((2000, 2000), 2000)]:
            server = self.server(descriptors=bounds, limits__connections=300)
            found = re.search(r"^process_max_fds (\S+)$", server.ask("GET", "/metrics")[1].decode(), re.MULTILINE)
            self.assertEqual(int(float(found[1])), expected)
            self.assertEqual("too few for limits.connections" in server.log(), expected < 300 + 256)
            server.stop()

    def test_it_takes_connections_where_there_is_no_dev_null(self):
        # By which it tells how many descriptors are in use.
        wrapper = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /dev && exec "$@"', "sh"]
        if subprocess.run([*wrapper, "true"], capture_output=True, check=False).returncode:
            self.skipTest("no file system can be mounted here")
        server = self.server(wrapper=wrapper)
        self.assertEqual(server.get("/health", timeout=10)[0], 200)
        self.assertNotIn(WARNING, server.log())
        self.assertEqual(server.stop(), 0)

    def test_it_waits_quietly_and_answers_again_once_connections_close(self):
        server = self.server(descriptors=DESCRIPTORS, **SETTINGS)
        self.assertEqual(server.get("/health")[0], 200)
        with contextlib.ExitStack() as stack:
            self.exhaust(server, stack)
            lines, spent, begin = server.log().count("\n"), server.processor_seconds(), time.monotonic()
            time.sleep(12)
            seconds = time.monotonic() - begin
            lines, spent = server.log().count("\n") - lines, server.processor_seconds() - spent
            self.assertTrue(server.is_running)
        self.note(f"{lines} lines of log and {spent:.2f} s of processor time in {seconds:.1f} s without a free descriptor")
        self.assertLess(spent / seconds, 0.1, "it spins")
        self.assertLessEqual(lines, 3, server.log()[-2000:])
        begin = time.monotonic()
        self.assertEqual(server.get("/health", timeout=10)[0], 200)
        self.assertLess(time.monotonic() - begin, 5)
        self.assertEqual(server.stop(), 0)

    def test_what_comes_over_connections_that_are_there_is_done_or_refused_whole(self):
        server = self.server(descriptors=DESCRIPTORS, **SETTINGS)
        first, second = make_head(self.random, 64), make_head(self.random, 64)
        self.assertEqual(server.ask("PUT", "/admin/v1/heads/first", first)[0], 201)
        kept = server.upload(b"kept")[1]["id"]
        statuses = {}
        with contextlib.ExitStack() as stack:
            # A connection that was there before.
            connection = stack.enter_context(contextlib.closing(server.connection()))
            connection.request("GET", "/health")
            connection.getresponse().read()
            self.exhaust(server, stack)
            # Each of these keeps a file open while it comes, and then there are none left for files, either.
            start = (
                b"POST /v1/files HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n"
                b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc'
            )
            for client in self.clients:
                client.sendall(start)
            # Those that are served are refused where no file is left; the others wait.
            refused = eventually(lambda: [client for client in self.clients if select.select([client], [], [], 0)[0]])
            self.assertTrue(refused, "all uploads found a file")
            self.assertTrue(refused[0].recv(12) == b"HTTP/1.1 503")
            for method, path, body in [
                ("PUT", "/admin/v1/heads/first", second), ("PUT", "/admin/v1/heads/second", second), ("GET", "/admin/v1/heads/first?download", None),
                ("DELETE", "/admin/v1/heads/first", None), ("GET", "/v1/files", None),
            ]:
                connection.request(method, path, body)
                answer = connection.getresponse()
                content = answer.read()
                statuses[f"{method} {path}"] = answer.status
                self.assertIn(answer.status, (200, 201, 503), content)
                if path == "/v1/files" and answer.status == 200:
                    self.assertEqual([file["id"] for file in json.loads(content)["data"]], [kept])
                if answer.status == 503:
                    self.assert_clear(json.loads(content), "too many files and connections")
            # What needs no file is answered as ever.
            connection.request("POST", "/v1/completions", json.dumps({"model": "tiny", "prompt": "a", "max_tokens": 4}))
            answer = connection.getresponse()
            self.assertEqual((answer.status, bool(answer.read())), (200, True))
        self.note(f"{statuses}")
        self.assertTrue(eventually(lambda: self.answers(server)))
        # What was refused changed nothing, and what was not is whole.
        expected = {"first": None if statuses["DELETE /admin/v1/heads/first"] == 200 else first}
        if expected["first"] and statuses["PUT /admin/v1/heads/first"] == 200:
            expected["first"] = second
        expected["second"] = second if statuses["PUT /admin/v1/heads/second"] == 201 else None
        for name, content in expected.items():
            status, found = server.ask("GET", f"/admin/v1/heads/{name}?download")
            self.assertEqual(found if status == 200 else None, content)
        self.assertEqual([file["id"] for file in server.get("/v1/files")[1]["data"]], [kept])
        self.assertIn(server.ask("PUT", "/admin/v1/heads/first", second)[0], (200, 201))
        self.assertEqual(server.ask("GET", "/admin/v1/heads/first?download"), (200, second))
        self.assertEqual(server.upload(b"abc")[0], 200)
        self.assertTrue(eventually(lambda: os.listdir(f"{self.folder}/batches/incoming") == []))
        self.assertNotIn("damaged", server.log())
        self.assertEqual(server.stop(), 0)

    def test_it_lives_however_busy_it_is(self):
        # libdispatch looks at its threads in /proc once a second, and ends the process where it cannot open a file for that.
        server = self.server(descriptors=DESCRIPTORS, registry__keep_versions=2, **SETTINGS)
        body = json.dumps({"model": "tiny", "prompt": "a", "max_tokens": 200, "stream": True})
        ended, answered = threading.Event(), []

        def ask(connection):
            with contextlib.suppress(OSError, http.client.HTTPException):
                while not ended.is_set():
                    connection.request("POST", "/v1/completions", body)
                    answer = connection.getresponse()
                    answer.read()
                    answered.append(answer.status)

        connections = [server.connection() for _ in range(8)]
        for connection in connections:
            connection.request("GET", "/health")
            connection.getresponse().read()
        threads = [threading.Thread(target=ask, args=(connection,)) for connection in connections]
        for thread in threads:
            thread.start()
        with contextlib.ExitStack() as stack:
            self.exhaust(server, stack)
            eventually(lambda: not server.is_running, 20)
            ended.set()
            self.assertTrue(server.is_running, f"it ended with {server.process.poll()}")
            for thread in threads:
                thread.join(60)
        self.assertEqual(set(answered), {200})
        self.note(f"{len(answered)} streams were answered in 20 s without a free descriptor")
        for connection in connections:
            connection.close()
        self.assertEqual(server.stop(), 0)

    def answers(self, server):
        try:
            return server.get("/health", timeout=2)[0] == 200
        except OSError:
            return False

    def test_streams_go_on_as_if_nothing_were(self):
        if not MODEL.exists():
            self.skipTest(f"there is no {MODEL}: run make model")
        server = self.server(models=(MODEL,), descriptors=DESCRIPTORS, **SETTINGS)
        request = {"model": "smollm2", "prompt": "Once upon a time", "max_tokens": 200, "temperature": 0, "stream": True}
        undisturbed = self.stream(server, request)[0]
        begun = threading.Event()
        found = []
        thread = threading.Thread(target=lambda: found.append(self.stream(server, request, begun)))
        thread.start()
        self.assertTrue(begun.wait(60))
        with contextlib.ExitStack() as stack:
            self.exhaust(server, stack)
            self.assertTrue(thread.is_alive(), "the stream ended before the descriptors did")
            thread.join(120)
        text, longest = found[0]
        self.assertEqual(text, undisturbed)
        self.note(f"a stream of {len(text)} characters went on, with pauses of at most {longest:.2f} s")
        self.assertEqual(server.get("/health")[0], 200)

    def stream(self, server, request, begun=None):
        """The text of a stream that ends as it should, and its longest pause."""
        text, longest, last = "", 0, None
        with contextlib.closing(server.connection()) as connection:
            connection.request("POST", "/v1/completions", json.dumps(request))
            for line in connection.getresponse():
                if line == b"data: [DONE]\n":
                    return text, longest
                if line.startswith(b"data: "):
                    text += json.loads(line[6:])["choices"][0]["text"]
                    now = time.monotonic()
                    longest, last = max(longest, now - (last or now)), now
                    if begun:
                        begun.set()
        self.fail(f"the stream broke off after {text!r}")


if __name__ == "__main__":
    unittest.main()
