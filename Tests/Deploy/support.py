"""Replicas of the built program, nginx in front of them as Deploy/nginx has it, and load."""

import dataclasses
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "Deploy"
PROGRAM = pathlib.Path(os.environ.get("RUDDER_PROGRAM", ROOT / ".build/release/rudder")).resolve()
MODEL = ROOT / ".cache/models/SmolLM2-135M-Instruct.Q4_1.gguf"
HEAD = ROOT / "Config/heads/positivity.safetensors"
TOKEN = "a-token-of-the-tests"


def nginx_program():
    """nginx of the PATH, of Debian's place for it, or as the Makefile has unpacked it; None where there is none."""
    unpacked = ROOT / ".cache/nginx/nginx"
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin") or (str(unpacked) if unpacked.exists() else None)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def eventually(condition, seconds=10.0):
    """Waits until a condition holds, and returns whether it did."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


class Replica:
    """The built program, serving the default model on a port that it keeps when it is started again."""

    def __init__(self, folder, name, **settings):
        self.folder, self.name = folder, name
        self.port = free_port()
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("RUDDER_")}
        self.environment |= {
            "RUDDER_ADMIN_TOKEN_FILE": f"{folder}/token",
            "RUDDER_REGISTRY_DIRECTORY": f"{folder}/heads",
            "RUDDER_BATCHES_DIRECTORY": f"{folder}/batches",
            "RUDDER_LIMITS_CONNECTIONS_PER_ADDRESS": "1024",
        }
        for key, value in settings.items():
            self.environment["RUDDER_" + key.replace("__", "_").upper()] = str(value)
        self.start()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def start(self):
        self.log = open(f"{self.folder}/{self.name}.log", "a", encoding="utf-8")
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--model", MODEL, "--port", str(self.port), "--threads", "1"],
            cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=self.log, text=True,
        )
        line = self.process.stdout.readline()
        if "listening on " not in line:
            self.stop()
            raise RuntimeError(f"the replica does not start: {line} {pathlib.Path(self.log.name).read_text()}")

    def end(self, number):
        """Sends a signal, waits for the end, and returns the status."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self):
        """Waits for the end, and returns the status."""
        status = self.process.wait(60)
        self.process.stdout.close()
        self.log.close()
        return status

    def stop(self):
        if not self.process.stdout.closed:
            self.process.kill()
            self.wait()


class Nginx:
    """nginx with the repository's configuration; only addresses, and places of files, are the tests'."""

    def __init__(self, folder, replicas, tls=False, change=lambda text: text):
        self.folder, self.port = folder, free_port()
        (folder / "snippets").mkdir()
        locations = (DEPLOY / "nginx/rudder-locations.conf").read_text()
        (folder / "snippets/rudder-locations.conf").write_text(change(locations))
        text = (DEPLOY / "nginx/rudder.conf").read_text()
        if tls:
            text = text[:text.index("\nserver {")] + (DEPLOY / "nginx/rudder-tls.conf").read_text()
            self.make_certificate()
        for port, replica in zip((8081, 8082), replicas):
            text = text.replace(f"127.0.0.1:{port}", replica.address)
        text = text.replace("listen 80;", f"listen 127.0.0.1:{free_port() if tls else self.port};")
        text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl")
        text = text.replace("/var/log/nginx", str(folder)).replace("/etc/nginx", str(folder))
        (folder / "rudder.conf").write_text(change(text))
        places = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = "user root;" if os.getuid() == 0 else ""
        (folder / "nginx.conf").write_text(
            f"{user} daemon off; worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/error.log info;"
            f"events {{ worker_connections 1024; }} http {{ {places} access_log {folder}/access.log; include {folder}/rudder.conf; }}"
        )
        self.command = [nginx_program(), "-p", str(folder), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]
        self.process = None

    def make_certificate(self):
        (self.folder / "tls").mkdir()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=rudder.example", "-addext", "subjectAltName=DNS:rudder.example,IP:127.0.0.1",
             "-keyout", self.folder / "tls/rudder.key", "-out", self.folder / "tls/rudder.pem"],
            check=True, capture_output=True,
        )

    def check(self):
        """What `nginx -t` says: its status and its words."""
        done = subprocess.run([*self.command, "-t"], capture_output=True, text=True)
        return done.returncode, done.stderr

    def start(self):
        self.process = subprocess.Popen(self.command)
        if not eventually(self.accepts):
            raise RuntimeError(f"nginx does not start: {(self.folder / 'error.log').read_text()}")

    def accepts(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()

    def replica_of(self, request_id):
        """The address of the replica that a request went to last, by nginx's log; None where it went to none."""
        log = (self.folder / "rudder.log").read_text()
        found = re.search(rf"id={re.escape(request_id)} replica=(.*?) tries=", log)
        return found and found[1].split(", ")[-1]


def request(port, method, path, body=None, headers={}, timeout=60):
    """One request on a connection of its own: the status and the body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def completion(tokens, stream, prompt="Once upon a time"):
    return json.dumps(
        {"model": "smollm2", "prompt": prompt, "max_tokens": tokens, "ignore_eos": True, "stream": stream, "temperature": 0}
    )


@dataclasses.dataclass
class Outcome:
    """How one request of a load went."""

    id: str
    begun: float
    ended: float
    tokens: int
    # None: it was answered in full.
    failure: str | None


class Load:
    """Clients that send one request after the other, streams and others, short ones and longer, until they are told to stop."""

    KINDS = [(1, False), (4, True), (2, False), (12, True), (1, False), (40, True)]

    def __init__(self, port, clients):
        self.port, self.outcomes = port, []
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(number,)) for number in range(clients)]
        for thread in self.threads:
            thread.start()

    def run(self, client):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        for number in range(1_000_000):
            if self.stopping.is_set():
                break
            tokens, stream = self.KINDS[(client + number) % len(self.KINDS)]
            identity, begun = f"load-{client}-{number}", time.monotonic()
            failure = None
            try:
                connection.request("POST", "/v1/completions", completion(tokens, stream), {"X-Request-Id": identity})
                answer = connection.getresponse()
                body = answer.read()
                if answer.status != 200:
                    failure = f"{answer.status}: {body[:200]}"
                elif stream and not body.endswith(b"data: [DONE]\n\n"):
                    failure = f"the stream ends with {body[-200:]}"
                elif not stream and json.loads(body)["usage"]["completion_tokens"] != tokens:
                    failure = f"not all tokens: {body[:200]}"
            except (OSError, http.client.HTTPException) as error:
                failure = f"{type(error).__name__}: {error}"
                connection.close()
            with self.lock:
                self.outcomes.append(Outcome(identity, begun, time.monotonic(), tokens, failure))
        connection.close()

    def stop(self):
        """Lets what runs end, and returns all outcomes."""
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        return self.outcomes

    @property
    def count(self):
        with self.lock:
            return len(self.outcomes)


class ReplicasCase(unittest.TestCase):
    """Tests of two replicas behind nginx, which share their folders."""

    settings = {}

    def setUp(self):
        if nginx_program() is None:
            self.fail("there is no nginx; `make test-deploy` fetches it")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "token").write_text(TOKEN + "\n")
        self.replicas = []
        for name in ("first", "second"):
            replica = Replica(self.folder, name, **self.settings)
            self.addCleanup(replica.stop)
            self.replicas.append(replica)
        (self.folder / "nginx").mkdir()
        self.nginx = Nginx(self.folder / "nginx", self.replicas)
        self.addCleanup(self.nginx.stop)
        self.nginx.start()

    def load(self, clients):
        load = Load(self.nginx.port, clients)
        self.addCleanup(load.stop)
        return load

    def running(self, replica):
        """How many sequences a replica runs."""
        return json.loads(request(replica.port, "GET", "/ready")[1])["models"][0]["running"]
