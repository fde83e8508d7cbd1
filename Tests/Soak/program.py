"""The program under test: a server in folders of its own, and what the system and its metrics tell of it."""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("RUDDER_PROGRAM", ROOT / ".build/release/rudder"))
MODEL = ROOT / ".cache/models/SmolLM2-135M-Instruct.Q4_1.gguf"
TINY = ROOT / "Tests/Golden/models/llama3/model.gguf"

# Time-outs are short, so that who is too slow is cut off often; bounds are low, so that they are reached, and so that caches which have one are full
# before the warm-up ends. What grows afterwards is none of them.
HEADER_TIMEOUT = 5
BODY_TIMEOUT = 5
IDLE_TIMEOUT = 10
WRITE_TIMEOUT = 5
BODY_BYTES = 1 << 20
UPLOAD_BYTES = 16 << 20
HEADER_BYTES = 32 << 10
CONNECTIONS_PER_ADDRESS = 128
RUNNING = 16
QUEUED = 24
KEPT_BATCHES = 4
KEPT_VERSIONS = 5
CONTEXT = 1024


class Program:
    """The running server."""

    def __init__(self, folder: str | None = None):
        """Starts it; its files are in `folder`, which then stays, or in one that goes with it."""
        self._temporary = tempfile.TemporaryDirectory(prefix="rudder-soak-") if folder is None else None
        self.folder = pathlib.Path(folder or self._temporary.name).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.keys: dict[str, str] = {}
        self._entries: dict[str, str] = {}
        self.add_key("soak")
        self.add_key("tiny", "--model", "tiny")
        self.add_key("limited", "--requests-per-minute", "60", "--tokens-per-minute", "4000", "--concurrent-requests", "2")
        self.write_keys()
        # JSON is YAML as well.
        (self.folder / "rudder.yaml").write_text(json.dumps(self._configuration()), encoding="utf-8")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RUDDER_")}
        with open(self.folder / "log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "serve", "--config", self.folder / "rudder.yaml"], cwd=self.folder, env=environment, stdout=subprocess.PIPE,
                stderr=log, text=True,
            )
        line = self.process.stdout.readline()
        if "listening on " not in line:
            self.process.kill()
            raise RuntimeError(f"the server does not start: {line}{(self.folder / 'log').read_text()}")
        host, port = line.split()[-1].removeprefix("http://").rsplit(":", 1)
        self.address = (host, int(port))
        self.pid = self.process.pid

    def _configuration(self) -> dict:
        return {
            "server": {
                "port": 0, "header_timeout_seconds": HEADER_TIMEOUT, "body_timeout_seconds": BODY_TIMEOUT,
                "idle_timeout_seconds": IDLE_TIMEOUT, "write_timeout_seconds": WRITE_TIMEOUT,
            },
            "models": {
                "smollm2": {"path": str(MODEL), "context": CONTEXT, "kv_cache_bytes": 48 << 20, "threads": 2},
                "tiny": {"path": str(TINY), "context": CONTEXT, "kv_cache_bytes": 8 << 20, "threads": 1},
            },
            "limits": {
                "connections_per_address": CONNECTIONS_PER_ADDRESS, "header_bytes": HEADER_BYTES, "body_bytes": BODY_BYTES,
                "upload_bytes": UPLOAD_BYTES, "running": RUNNING, "queued": QUEUED,
            },
            "registry": {
                "directory": str(self.folder / "heads"), "bundled_heads": str(ROOT / "Config/heads"), "keep_versions": KEPT_VERSIONS,
            },
            "control": {"gram_cache_bytes": 4 << 20},
            "batches": {"directory": str(self.folder / "batches"), "kept": KEPT_BATCHES},
            "access": {"keys_file": str(self.folder / "keys.yaml")},
        }

    # Keys

    def add_key(self, name: str, *limits: str) -> None:
        """Makes a key; `write_keys` puts it into the file."""
        made = subprocess.run([PROGRAM, "keys", "new", name, *limits], capture_output=True, text=True, check=True)
        self._entries[name] = made.stdout
        self.keys[name] = re.search(r"sk-rudder-\S+", made.stderr).group()

    def write_keys(self) -> None:
        """Replaces the file of keys; SIGHUP has the server read it."""
        (self.folder / "keys.new").write_text("".join(self._entries.values()), encoding="utf-8")
        (self.folder / "keys.new").rename(self.folder / "keys.yaml")

    def reload(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    # What the system tells

    def memory(self) -> dict[str, int]:
        """Resident bytes in all, of no file, and of files."""
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        found = dict(re.findall(r"^(VmRSS|RssAnon|RssFile):\s+(\d+) kB$", text, re.M))
        return {"rss": int(found["VmRSS"]) << 10, "anonymous": int(found["RssAnon"]) << 10, "file": int(found["RssFile"]) << 10}

    def threads(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def descriptors(self) -> list[str]:
        """What each open descriptor is of."""
        folder, found = f"/proc/{self.pid}/fd", []
        for number in os.listdir(folder):
            try:
                found.append(re.sub(r"\[\d+\]", "", os.readlink(f"{folder}/{number}")))
            except FileNotFoundError:
                continue
        return sorted(found)

    def leftovers(self) -> int:
        """Files and folders of uploads that have not ended."""
        return sum(len(list((self.folder / place / "incoming").glob("*"))) for place in ("heads", "batches"))

    def log_counts(self) -> dict[str, int]:
        """Lines of the log that are no information, without numbers, and how many there are of each."""
        counts: dict[str, int] = {}
        with open(self.folder / "log", encoding="utf-8", errors="replace") as log:
            for line in log:
                parts = line.split(" ", 2)
                if len(parts) < 3 or parts[1] in ("info", "debug", "trace"):
                    continue
                text = re.sub(r"\b(?:file-|batch_|req_)?[0-9a-f]*\d[0-9a-f.]*\b", "#", f"{parts[1]} {parts[2].strip()}")[:160]
                counts[text] = counts.get(text, 0) + 1
        return dict(sorted(counts.items(), key=lambda entry: -entry[1])[:40])

    def stop(self) -> int | None:
        """Ends it by SIGTERM; its exit status, or None where it had to be killed."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            return None
        finally:
            self.discard()

    def discard(self) -> None:
        """Ends it if it still runs, and removes its files unless they are to stay."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        if self._temporary is not None:
            self._temporary.cleanup()


def samples(text: str) -> dict[str, float]:
    """The samples of Prometheus' text format, by name and labels as they are written."""
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            found[name] = float(value)
    return found


def total(found: dict[str, float], name: str, label: str = "") -> int:
    """The sum of a metric's samples, of those with a label if one is given."""
    return int(sum(value for key, value in found.items() if key.split("{")[0] == name and label in key))
