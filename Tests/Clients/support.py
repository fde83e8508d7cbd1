"""A running server for the tests of clients."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("RUDDER_PROGRAM", ROOT / ".build/release/rudder"))
MODEL = ROOT / ".cache/models/SmolLM2-135M-Instruct.Q4_1.gguf"


class Server:
    """The built program, serving the default model on a port of its own until `stop`."""

    def __init__(self, **settings):
        """Starts it; settings are configuration keys, such as `limits__running=1`."""
        self.folder = tempfile.TemporaryDirectory()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RUDDER_")}
        environment["RUDDER_BATCHES_DIRECTORY"] = f"{self.folder.name}/batches"
        for name, value in settings.items():
            environment["RUDDER_" + name.replace("__", "_").upper()] = str(value)
        self.log = open(f"{self.folder.name}/log", "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--model", MODEL, "--port", "0", "--registry", f"{self.folder.name}/heads"],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=self.log, text=True,
        )
        line = self.process.stdout.readline()
        if "listening on " not in line:
            self.stop()
            raise RuntimeError(f"the server does not start: {line}")
        self.url = line.split()[-1]

    def stop(self):
        """Ends it, at once if it does not end by itself."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self.log.close()
        self.folder.cleanup()

    def post(self, path, body):
        """Posts a JSON document and returns the answer's; an error's as well."""
        request = urllib.request.Request(self.url + path, json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)


class ServerCase(unittest.TestCase):
    """Tests of one server."""

    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.server = Server(**cls.settings)
        cls.addClassCleanup(cls.server.stop)
