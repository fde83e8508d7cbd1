"""Deploy/nginx, as Debian's nginx runs it in front of two replicas."""

import fcntl
import http.client
import json
import pathlib
import signal
import socket
import ssl
import statistics
import tempfile
import time
import unittest

from support import HEAD, TOKEN, Nginx, Replica, ReplicasCase, completion, eventually, nginx_program, request

BEARER = {"Authorization": f"Bearer {TOKEN}"}


class ProxyTests(ReplicasCase):
    def arrivals(self, tokens):
        """When each piece of a stream arrives, in seconds from the request, and the whole of it."""
        times, text, begun = [], b"", time.monotonic()
        with socket.create_connection(("127.0.0.1", self.nginx.port), timeout=60) as client:
            body = completion(tokens, stream=True).encode()
            client.sendall(
                b"POST /v1/completions HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept-Encoding: gzip\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
            )
            while piece := client.recv(1 << 16):
                times.append(time.monotonic() - begun)
                text += piece
        return times, text

    def test_streams_arrive_token_by_token(self):
        tokens = 60
        times, text = self.arrivals(tokens)
        self.assertTrue(text.startswith(b"HTTP/1.1 200") and b"data: [DONE]" in text, text[:200])
        # Some tokens may share a piece where the machine is busy; where a proxy gathers them, there are a handful of pieces.
        self.assertGreater(len(times), tokens * 0.7)
        gaps = [later - earlier for earlier, later in zip(times, times[1:])]
        self.assertLess(max(gaps), (times[-1] - times[0]) / 3, "a pause in the midst of a stream")
        print(f"{len(times)} pieces of {tokens} tokens, {1000 * statistics.median(gaps):.1f} ms from one to the next")

    def test_a_client_that_leaves_frees_its_place(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.nginx.port, timeout=60)
        connection.request("POST", "/v1/completions", completion(2000, stream=True))
        connection.getresponse().read(100)
        self.assertTrue(eventually(lambda: sum(map(self.running, self.replicas)) == 1))
        connection.sock.shutdown(socket.SHUT_RDWR)
        connection.close()
        self.assertTrue(eventually(lambda: sum(map(self.running, self.replicas)) == 0, 2))

    def test_ids_errors_and_what_is_not_passed_on(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.nginx.port, timeout=60)
        self.addCleanup(connection.close)

        def ask(method, path, body=None, headers={}):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers.get_all("X-Request-Id"), answer.read()

        self.assertEqual(ask("GET", "/v1/models", headers={"X-Request-Id": "mine-1"})[:2], (200, ["mine-1"]))
        self.assertEqual(ask("GET", "/v1/models", headers={"X-Request-Id": "m" * 128})[:2], (200, ["m" * 128]))
        for unfit in ('a "quote"', "m" * 129):
            status, [identity], _ = ask("GET", "/v1/models", headers={"X-Request-Id": unfit})
            self.assertTrue(status == 200 and identity.startswith("req_"), identity)
            self.assertTrue(eventually(lambda: self.nginx.replica_of(identity)), "nginx' log has the same")
        status, [identity], body = ask("GET", "/metrics")
        error = json.loads(body)["error"]
        self.assertEqual((status, error["code"], error["request_id"]), (404, "not_found", identity))
        self.assertEqual(request(self.replicas[0].port, "GET", "/metrics")[0], 200)
        # The replicas listen on loopback; a request that was passed on is none of this machine's for all that.
        self.assertEqual(ask("GET", "/admin/v1/heads")[0], 401)
        self.assertEqual(ask("GET", "/admin/v1/heads", headers=BEARER)[0], 200)
        status, [identity], body = ask("POST", "/v1/completions", b" " * (5 << 20))
        error = json.loads(body)["error"]
        self.assertEqual((status, error["code"], error["request_id"]), (413, "request_too_large", identity))
        for replica in self.replicas:
            replica.end(signal.SIGKILL)
        connection.close()
        status, [identity], body = ask("POST", "/v1/completions", completion(1, stream=False))
        error = json.loads(body)["error"]
        self.assertEqual((status, error["code"], error["request_id"]), (502, "bad_gateway", identity))

    def test_pages_behind_another_port_are_the_servers_own(self):
        def status(host, **headers):
            headers = {"Host": host} | {name.replace("_", "-"): value for name, value in headers.items()}
            return request(self.nginx.port, "POST", "/v1/completions", completion(1, stream=False), headers)[0]

        self.assertEqual(status("intranet:18080", Origin="http://intranet:18080"), 200)
        self.assertEqual(status("intranet", Origin="http://intranet"), 200)
        # A page of another port, or of another site, which may also say that a proxy before nginx was named so.
        self.assertEqual(status("intranet:18080", Origin="http://intranet:9999"), 403)
        self.assertEqual(status("intranet:18080", Origin="http://evil.example"), 403)
        self.assertEqual(status("intranet:18080", Origin="http://evil.example", X_Forwarded_Host="evil.example"), 403)

    def test_evaluations_answer_lines_while_others_are_still_sent(self):
        with socket.create_connection(("127.0.0.1", self.nginx.port), timeout=30) as client:
            line = b'{"id": 1, "prompt": "x", "max_tokens": 2}\n'
            client.sendall(b"POST /v1/evaluations HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
            client.sendall(b"%x\r\n%s\r\n" % (len(line), line))
            text = b""
            while b'"id":1' not in text:
                piece = client.recv(1 << 16)
                self.assertTrue(piece, text)
                text += piece
            client.sendall(b"0\r\n\r\n")
            while piece := client.recv(1 << 16):
                text += piece
            self.assertIn(b'"summary"', text)

    def test_a_head_uploaded_or_removed_anywhere_is_so_everywhere_within_a_second(self):
        head = HEAD.read_bytes()
        body = json.dumps(json.loads(completion(1, stream=False)) | {"control": {"head": "shared"}})
        slowest = 0.0

        def served_by(replica):
            return any(card["name"] == "shared" for card in json.loads(request(replica.port, "GET", "/v1/heads")[1])["data"])

        for way in (self.nginx, *self.replicas) * 2:
            for method, status, steered in (("PUT", 201, 200), ("DELETE", 200, 404)):
                content = head if method == "PUT" else None
                self.assertEqual(request(way.port, method, "/admin/v1/heads/shared", content, BEARER)[0], status)
                changed = time.monotonic()
                for replica in self.replicas:
                    self.assertTrue(
                        eventually(lambda: served_by(replica) == (method == "PUT"), 1),
                        f"{method} by port {way.port} is not seen by the {replica.name} replica",
                    )
                    slowest = max(slowest, time.monotonic() - changed)
                    self.assertEqual(request(replica.port, "POST", "/v1/completions", body)[0], steered)
                # And so whichever replica nginx asks.
                for _ in range(3):
                    self.assertEqual(request(self.nginx.port, "POST", "/v1/completions", body)[0], steered)
        print(f"a head was served, or gone, everywhere after at most {slowest:.2f} s")

    def test_files_and_batches_reach_the_replica_that_has_them(self):
        boundary = "b0undary"
        form = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n'
            + json.dumps({"custom_id": "a", "method": "POST", "url": "/v1/completions", "body": json.loads(completion(2, False))})
            + f"\r\n--{boundary}--\r\n"
        )
        for owner in self.replicas:
            other = next(replica for replica in self.replicas if replica is not owner)
            other.end(signal.SIGTERM)
            self.assertTrue(eventually(lambda: request(owner.port, "POST", "/v1/batches", "{}")[0] == 400))
            other.start()
            headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
            self.assertEqual(request(other.port, "POST", "/v1/files", form, headers)[0], 421)
            time.sleep(2.1)
            for _ in range(4):
                status, body = request(self.nginx.port, "POST", "/v1/files", form, headers)
                self.assertEqual(status, 200, body)
            batch = json.dumps({"input_file_id": json.loads(body)["id"], "endpoint": "/v1/completions", "completion_window": "24h"})
            status, body = request(self.nginx.port, "POST", "/v1/batches", batch)
            self.assertEqual(status, 200, body)
            path = f"/v1/batches/{json.loads(body)['id']}"
            self.assertTrue(eventually(lambda: json.loads(request(self.nginx.port, "GET", path)[1])["status"] == "completed"))

    def test_a_replica_that_drains_leaves_files_and_batches_to_the_other_while_its_streams_go_on(self):
        [owner] = [replica for replica in self.replicas if request(replica.port, "POST", "/v1/batches", "{}")[0] == 400]
        [other] = [replica for replica in self.replicas if replica is not owner]
        connection = http.client.HTTPConnection("127.0.0.1", owner.port, timeout=60)
        self.addCleanup(connection.close)
        connection.request("POST", "/v1/completions", completion(4000, stream=True))
        stream = connection.getresponse()
        stream.read(100)
        owner.process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        self.assertTrue(eventually(lambda: request(other.port, "POST", "/v1/batches", "{}")[0] == 400))
        print(f"the other replica had files and batches {time.monotonic() - begun:.1f} s after SIGTERM")
        self.assertTrue(eventually(lambda: request(self.nginx.port, "POST", "/v1/batches", "{}")[0] == 400))
        self.assertIn(b"data: ", stream.read(1000))
        self.assertIsNone(owner.process.poll())
        connection.close()
        self.assertEqual(owner.wait(), 0)

    def test_files_and_batches_wait_where_no_replica_has_them(self):
        # Another process has the folder; so it is for a moment when the replica that had it is gone.
        for replica in self.replicas:
            replica.end(signal.SIGTERM)
        with open(self.folder / "batches/lock", "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for replica in self.replicas:
                replica.start()
            time.sleep(2.1)
            connection = http.client.HTTPConnection("127.0.0.1", self.nginx.port, timeout=60)
            self.addCleanup(connection.close)
            connection.request("POST", "/v1/batches", "{}", {"X-Request-Id": "mine"})
            answer = connection.getresponse()
            error = json.loads(answer.read())["error"]
            self.assertEqual((answer.status, answer.headers["Retry-After"], answer.headers.get_all("X-Request-Id")), (503, "1", ["mine"]))
            self.assertEqual((error["code"], error["request_id"]), ("service_unavailable", "mine"))
            # What only reads is answered all the same.
            self.assertEqual(request(self.nginx.port, "GET", "/v1/batches")[0], 200)
        self.assertTrue(eventually(lambda: request(self.nginx.port, "POST", "/v1/batches", "{}")[0] == 400))


class FailoverTests(ReplicasCase):
    CLIENTS = 16

    def test_a_replica_that_is_killed_costs_its_own_streams_alone(self):
        killed = self.replicas[0]
        load = self.load(self.CLIENTS)
        self.assertTrue(eventually(lambda: load.count > 50, 120))
        self.assertTrue(eventually(lambda: self.running(killed) > 1))
        at = time.monotonic()
        killed.end(signal.SIGKILL)
        dead = time.monotonic()
        before = load.count
        self.assertTrue(eventually(lambda: load.count > before + 50, 120))
        outcomes = load.stop()
        failures = [outcome for outcome in outcomes if outcome.failure]
        self.assertTrue(failures, "nothing ran on the replica")
        self.assertLessEqual(len(failures), self.CLIENTS)
        for failure in failures:
            self.assertEqual(self.nginx.replica_of(failure.id), killed.address, failure)
            self.assertLess(failure.begun, dead, failure)
        after = [outcome for outcome in outcomes if outcome.begun > at]
        self.assertGreater(len(after), 30)
        print(f"{len(failures)} of {len(outcomes)} requests were lost, all of them the killed replica's; {len(after)} were answered after")

    def test_replicas_that_are_restarted_in_turn_lose_no_request(self):
        load = self.load(self.CLIENTS)
        longest = 0.0
        for turn in range(4):
            replica = self.replicas[turn % 2]
            before = load.count
            self.assertTrue(eventually(lambda: load.count > before + 40, 120))
            self.assertTrue(eventually(lambda: self.running(replica) > 1))
            begun = time.monotonic()
            self.assertEqual(replica.end(signal.SIGTERM), 0)
            longest = max(longest, time.monotonic() - begun)
            replica.start()
            # It gets requests again by itself.
            self.assertTrue(eventually(lambda: self.running(replica) > 1))
        outcomes = load.stop()
        self.assertEqual([outcome for outcome in outcomes if outcome.failure], [])
        print(f"{len(outcomes)} requests over 4 drains, which took at most {longest:.1f} s: none was lost")

    def test_a_drain_among_few_requests_loses_none(self):
        # Connections lie idle, in nginx's hand, when the replica is told to end; requests come on them or find them gone.
        for turn in range(4):
            warm = self.load(self.CLIENTS)
            self.assertTrue(eventually(lambda: warm.count > 30, 120))
            self.assertEqual([outcome for outcome in warm.stop() if outcome.failure], [])
            replica = self.replicas[turn % 2]
            replica.process.send_signal(signal.SIGTERM)
            answered, late = 0, 0
            # Some more after the replica has ended.
            while late < 10:
                late += replica.process.poll() is not None
                status, body = request(self.nginx.port, "POST", "/v1/completions", completion(1, stream=False))
                self.assertEqual(status, 200, body)
                answered += 1
            self.assertEqual(replica.wait(), 0)
            replica.start()
            time.sleep(2.1)
            print(f"{answered} requests beside a drain, one by one: all were answered")


class ConfigurationTests(unittest.TestCase):
    def setUp(self):
        if nginx_program() is None:
            self.fail("there is no nginx; `make test-deploy` fetches it")

    def test_nginx_takes_the_files_as_they_are(self):
        for tls in (False, True):
            with self.subTest(tls=tls), tempfile.TemporaryDirectory() as folder:
                status, words = Nginx(pathlib.Path(folder), [], tls=tls).check()
                self.assertEqual(status, 0, words)
                self.assertNotIn("[warn]", words)

    def test_the_lines_that_are_left_out_work_when_they_are_put_in(self):
        def put_in(text):
            return "\n".join(line.replace("#", "", 1) if line.lstrip().startswith("#") and line.endswith(";") else line
                             for line in text.split("\n"))
        with tempfile.TemporaryDirectory() as folder:
            nginx = Nginx(pathlib.Path(folder), [], change=put_in)
            status, words = nginx.check()
            self.assertEqual(status, 0, words)
            self.assertIn("\n    limit_req zone", (pathlib.Path(folder) / "snippets/rudder-locations.conf").read_text())

    def test_streams_come_over_tls(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "token").write_text(TOKEN)
            (folder / "nginx").mkdir()
            replica = Replica(folder, "first")
            self.addCleanup(replica.stop)
            nginx = Nginx(folder / "nginx", [replica, replica], tls=True)
            self.addCleanup(nginx.stop)
            nginx.start()
            context = ssl.create_default_context(cafile=folder / "nginx/tls/rudder.pem")
            connection = http.client.HTTPSConnection("127.0.0.1", nginx.port, timeout=60, context=context)
            connection.request("POST", "/v1/completions", completion(4, stream=True))
            answer = connection.getresponse()
            self.assertEqual(answer.status, 200)
            self.assertTrue(answer.read().endswith(b"data: [DONE]\n\n"))
            # Browsers are to come with TLS from then on, whoever answers: the replica, nginx itself, or nginx where there is no replica.
            security = [answer.headers.get_all("Strict-Transport-Security")]
            for way, status in (("/metrics", 404), ("/v1/models", 200), ("/v1/models", 502)):
                if status == 502:
                    replica.end(signal.SIGKILL)
                connection.request("GET", way)
                answer = connection.getresponse()
                answer.read()
                self.assertEqual(answer.status, status)
                security.append(answer.headers.get_all("Strict-Transport-Security"))
            connection.request("POST", "/v1/completions", b" " * (5 << 20))
            answer = connection.getresponse()
            answer.read()
            self.assertEqual(answer.status, 413)
            security.append(answer.headers.get_all("Strict-Transport-Security"))
            self.assertEqual(security, [["max-age=31536000"]] * 5)
            connection.close()


if __name__ == "__main__":
    unittest.main()
