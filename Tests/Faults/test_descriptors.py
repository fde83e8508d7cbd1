"""A server that may have no more files and connections open."""

import contextlib
import json
import socket
import threading
import time
import unittest

from support import MODEL, FaultCase, eventually, make_head

DESCRIPTORS = 64
# Connections that say nothing stay for as long as a test takes.
SETTINGS = {"server__header_timeout_seconds": 300, "server__idle_timeout_seconds": 300}
WARNING = "no file descriptors are left"


class DescriptorTests(FaultCase):
    def exhaust(self, server, stack, count=100):
        """Opens more connections than the server can take, until what is returned ends."""
        for _ in range(count):
            stack.enter_context(socket.create_connection((server.host, server.port), timeout=10))
        self.assertTrue(eventually(lambda: WARNING in server.log()), "the log says nothing")

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
        # The next time it is said again.
        self.assertEqual(server.stop(), 0)

    def test_changes_are_refused_whole_and_succeed_later(self):
        server = self.server(descriptors=DESCRIPTORS, **SETTINGS)
        first, second = make_head(self.random, 64), make_head(self.random, 64)
        self.assertEqual(server.ask("PUT", "/admin/v1/heads/first", first)[0], 201)
        statuses = {}
        with contextlib.ExitStack() as stack:
            # A connection that was there before.
            connection = stack.enter_context(contextlib.closing(server.connection()))
            connection.request("GET", "/health")
            connection.getresponse().read()
            self.exhaust(server, stack)
            form = (
                b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
                b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc\r\n--b--\r\n'
            )
            for method, path, body, fields in [
                ("PUT", "/admin/v1/heads/first", second, {}), ("PUT", "/admin/v1/heads/second", second, {}),
                ("DELETE", "/admin/v1/heads/first", None, {}), ("GET", "/admin/v1/heads/first?download", None, {}),
                ("POST", "/v1/files", form, {"Content-Type": "multipart/form-data; boundary=b"}), ("GET", "/v1/files", None, {}),
            ]:
                connection.request(method, path, body, fields)
                answer = connection.getresponse()
                content = answer.read()
                statuses[f"{method} {path}"] = answer.status
                if method != "GET":
                    self.assertGreaterEqual(answer.status, 500, content)
                if answer.status >= 500:
                    self.assertEqual(answer.status, 503, content)
                    self.assert_clear(json.loads(content), "too many files and connections")
            # What needs no file is answered as ever.
            body = json.dumps({"model": "tiny", "prompt": "a", "max_tokens": 4, "control": {"head": "first", "steps": 2}})
            connection.request("POST", "/v1/completions", body)
            answer = connection.getresponse()
            self.assertEqual(answer.status, 200, answer.read())
            answer.read()
        self.note(f"{statuses}")
        self.assertTrue(eventually(lambda: self.answers(server)))
        self.assertEqual(server.ask("GET", "/admin/v1/heads/first?download"), (200, first))
        self.assertEqual([head["name"] for head in server.get("/admin/v1/heads")[1]["data"]], ["first"])
        self.assertEqual(server.get("/v1/files")[1]["data"], [])
        self.assertEqual(server.ask("PUT", "/admin/v1/heads/first", second)[0], 200)
        self.assertEqual(server.ask("GET", "/admin/v1/heads/first?download"), (200, second))
        self.assertEqual(server.upload(b"abc")[0], 200)
        self.assertNotIn("damaged", server.log())
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
