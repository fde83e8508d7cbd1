"""Servers that are killed, starved and misled, and what asks them."""

import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import random
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What tests of several folders share.
sys.path.append(str(ROOT / "Tests/Shared"))
from head_file import assembled  # noqa: E402

PROGRAM = pathlib.Path(os.environ.get("RUDDER_PROGRAM", ROOT / ".build/release/rudder"))
MODEL = ROOT / ".cache/models/SmolLM2-135M-Instruct.Q4_1.gguf"
# A model of random weights that is loaded in milliseconds.
TINY_MODEL = ROOT / "Tests/Golden/models/llama3/model.gguf"
TINY_WIDTH = 64
# Every random moment comes from it, so that a run can be had again.
SEED = int(os.environ.get("RUDDER_FAULTS_SEED", "1"))
# What the small disks are: tmpfs, or ext4.
DISK = os.environ.get("RUDDER_FAULTS_DISK", "tmpfs")
# Fewer or more kills than the tests have by themselves, for a short look or a long one.
SCALE = float(os.environ.get("RUDDER_FAULTS_SCALE", "1"))


def kills(count):
    """How many kills of a kind there shall be."""
    return max(1, round(count * SCALE))


def clean_environment(settings):
    """The environment without RUDDER_*, and with configuration keys such as `limits__running=1`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RUDDER_")}
    for name, value in settings.items():
        environment["RUDDER_" + name.replace("__", "_").upper()] = str(value)
    return environment


def slowed_calls():
    """What to start a program with so that each call that makes files durable, or changes their names, takes some milliseconds more: kills then
    meet the moments between two calls as often as all others. Empty where strace cannot be had."""
    calls = "fsync,rename,renameat,unlinkat"
    wrapper = [
        "strace", "-D", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", f"trace={calls}",
        "-e", f"inject={calls}:delay_enter=10000:delay_exit=10000",
    ]
    try:
        subprocess.run([*wrapper, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        print("strace does not work here: moments between two calls of the system are met by chance alone", flush=True)
        return []
    return wrapper


class Server:
    """The built program, serving on a port of its own until it is stopped or killed."""

    def __init__(self, folder, models=(f"tiny={TINY_MODEL}",), environment=None, descriptors=None, log=None, wrapper=(), user=None, **settings):
        """Starts it on the folders `heads` and `batches` of a folder, unless the settings name others, and waits until it listens.

        `descriptors` bounds how many files it may have open, at first and at most; `log` is where its log is added to, else the folder's file `log`; `wrapper` is what
        starts it, and `user` the number of the user that it becomes.
        """
        settings = {
            "batches__directory": f"{folder}/batches", "registry__directory": f"{folder}/heads", "registry__bundled_heads": "", **settings,
        }
        arguments = [*wrapper, PROGRAM, "serve", "--port", "0"]
        for model in models:
            arguments += ["--model", str(model)]

        def bound():
            resource.setrlimit(resource.RLIMIT_NOFILE, descriptors)

        self.log_path = pathlib.Path(log or f"{folder}/log")
        self.log_start = self.log_path.stat().st_size if self.log_path.exists() else 0
        with open(self.log_path, "ab") as log_file:
            self.process = subprocess.Popen(
                arguments, cwd=ROOT, env={**clean_environment(settings), **(environment or {})}, stdout=subprocess.PIPE, stderr=log_file,
                preexec_fn=bound if descriptors else None, user=user,
            )

    def wait_until_ready(self, seconds=120):
        """Waits for the line that says where it listens; False where the program ends without."""
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        line = self.process.stdout.readline().decode() if ready else ""
        if "listening on " not in line:
            return False
        self.host, port = line.split()[-1].split("//")[1].rsplit(":", 1)
        self.port = int(port)
        return True

    @classmethod
    def ready(cls, folder, **options):
        """A server that listens."""
        server = cls(folder, **options)
        if not server.wait_until_ready():
            server.kill()
            raise RuntimeError(f"the server does not start: {server.log()[-2000:]}")
        return server

    def log(self):
        """What this process has logged."""
        with open(self.log_path, "rb") as file:
            file.seek(self.log_start)
            return file.read().decode(errors="replace")

    def kill(self):
        """Ends it by SIGKILL."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self, seconds=60):
        """Ends it by SIGTERM, and returns its status; at once where it does not end by itself, and then the status is None."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None
        finally:
            self.process.stdout.close()

    def close(self):
        """Ends it where it still runs."""
        if not self.process.stdout.closed:
            self.stop()

    @property
    def is_running(self):
        return self.process.poll() is None

    def connection(self, timeout=60):
        """A connection of its own."""
        return http.client.HTTPConnection(self.host, self.port, timeout=timeout)

    def ask(self, method, path, body=None, fields=None, timeout=60):
        """An answer's status and its whole body. Raises `OSError` or `http.client.HTTPException` where not all of it came."""
        with contextlib.closing(self.connection(timeout)) as connection:
            connection.request(method, path, body, fields or {})
            answer = connection.getresponse()
            return answer.status, answer.read()

    def get(self, path, timeout=60):
        """A document, whatever its status."""
        status, body = self.ask("GET", path, timeout=timeout)
        return status, json.loads(body)

    def post(self, path, document, fields=None, timeout=60):
        """The answer to a document, whatever its status."""
        status, body = self.ask("POST", path, json.dumps(document), fields, timeout)
        return status, json.loads(body)

    def upload(self, content, filename="input.jsonl", timeout=60):
        """Uploads a file for batches."""
        boundary = uuid.uuid4().hex
        form = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n\r\n'
        ).encode() + content + f"\r\n--{boundary}--\r\n".encode()
        status, body = self.ask("POST", "/v1/files", form, {"Content-Type": f"multipart/form-data; boundary={boundary}"}, timeout)
        return status, json.loads(body)

    def processor_seconds(self):
        """Processor time that it took so far."""
        with open(f"/proc/{self.process.pid}/stat", encoding="utf-8") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


SMALL = bytes(byte & 0xBF for byte in range(256))


def make_head(source, hidden, width=TINY_WIDTH):
    """A value function's file of random numbers, unlike any other."""
    def numbers(count):
        content = bytearray(source.randbytes(2 * count))
        # Of each number the exponent's highest bit is cleared, so that all are finite and below 2.
        content[1::2] = content[1::2].translate(SMALL)
        return bytes(content)

    return assembled(width, hidden, "F16", numbers, {})


def sha256(content):
    """The checksum in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def eventually(condition, seconds=20, pause=0.05):
    """Waits until a condition gives something true, and returns what it gave last."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(pause)


class FaultCase(unittest.TestCase):
    """Tests that have a folder, and servers that end with them."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="rudder-faults-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        # Not the same moments in each test.
        self.random = random.Random(f"{SEED} {self.id()}")

    def server(self, **options):
        """A server that listens, on the test's folder unless `folder` is another."""
        server = Server.ready(options.pop("folder", self.folder), **options)
        self.addCleanup(server.close)
        return server

    def run_program(self, *arguments, timeout=120, **options):
        """Runs the program to its end."""
        return subprocess.run(
            [PROGRAM, *map(str, arguments)], cwd=ROOT, env=clean_environment(options.pop("settings", {})), capture_output=True, text=True,
            errors="replace", timeout=timeout, **options,
        )

    def assert_clear(self, error, *words):
        """An error object in OpenAI's shape whose message has some words."""
        self.assertIn("error", error)
        self.assertTrue(error["error"]["message"], error)
        for word in words:
            self.assertIn(word, error["error"]["message"])

    def note(self, text):
        """Tells of what was measured."""
        print(f"\n  {self.id().rsplit('.', 1)[1]}: {text}", flush=True)


class MountCase(FaultCase):
    """Tests that need a file system of their own, which takes the right to mount."""

    def mount(self, name, megabytes, names=None):
        """A small disk, in a folder of that name, which holds so many names at most. RUDDER_FAULTS_DISK=ext4 takes that file system on a file in
        place of one in memory."""
        path = f"{self.folder}/{name}"
        os.mkdir(path)
        if DISK == "tmpfs":
            command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m" + (f",nr_inodes={names + 1}" if names else ""), "tmpfs", path]
        else:
            image = f"{self.folder}/{name}.image"
            with open(image, "wb") as file:
                file.truncate(megabytes << 20)
            # Eleven are the file system's own.
            subprocess.run([f"mkfs.{DISK}", "-q", "-m", "0", "-O", "^has_journal", *(["-N", f"{11 + names}"] if names else []), image], check=True)
            command = ["mount", "-o", "loop", image, path]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            self.skipTest(f"this needs the right to mount a file system (root, and no container that forbids it): {done.stderr.strip()}")
        # Lazily: a server may still be on its way down.
        self.addCleanup(subprocess.run, ["umount", "-l", path], check=True)
        return path

    def remount(self, path, writable):
        """Makes a mounted disk read-only, or writable again."""
        mode = "rw" if writable else "ro"
        done = subprocess.run(["mount", "-o", f"remount,{mode}", path], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def fill(self, path, leaving=0):
        """Fills a disk up to some bytes, and returns the file that does."""
        ballast = f"{path}/ballast"
        with open(ballast, "wb", buffering=0) as file:
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"\0" * 65536)
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"\0" * 512)
            os.fsync(file.fileno())
            if leaving:
                file.truncate(max(0, file.tell() - leaving))
        return ballast

