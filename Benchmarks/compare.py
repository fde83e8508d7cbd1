"""Measures Rudder against its peers on one model file, in turn, so that all see the same minutes of the machine.

Every engine is a process of its own that has loaded the model and waits. One measures at a time; who goes first changes from round to
round. A row's ratio is the median over the rounds of Rudder's tokens a second divided by the peer's, with the lowest and the highest.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent

# The rows, as the protocol asks for them.
LLAMA_CPP_TESTS = ["pp128 1", "pp512 1", "tg128 1", "tg32 2", "tg32 4", "tg32 8", "tg32 16"]
TORCH_TESTS = ["tg128 1", "tg128 1 30 576 2"]


class Engine:
    """A process that measures when it is asked to."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self._answer() != "ready":
            raise SystemExit(f"{name} does not start: {' '.join(command)}")

    def _answer(self) -> str:
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended with status {self._process.wait()}")
        return line.strip()

    def measure(self, test: str) -> float:
        """Tokens a second of one run."""
        # Whoever measured before puts its threads to sleep first.
        time.sleep(0.05)
        self._process.stdin.write(test + "\n")
        self._process.stdin.flush()
        return float(self._answer())

    def resident_bytes(self) -> int:
        """VmRSS, file pages included."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS:")), 0)

    def stop(self) -> None:
        self._process.stdin.close()
        self._process.wait()


@dataclass
class Row:
    """The runs of one test by Rudder and by one peer, pair by pair."""

    peer: str
    test: str
    rudder_runs: list[float] = field(default_factory=list)
    peer_runs: list[float] = field(default_factory=list)

    def result(self) -> dict:
        name, sequences, *control = self.test.split()
        ratios = [ours / theirs for ours, theirs in zip(self.rudder_runs, self.peer_runs)]
        return {
            "peer": self.peer,
            "test": name,
            "sequences": int(sequences),
            "control": dict(zip(("steps", "hidden", "layers"), map(int, control))) or None,
            "runs": len(ratios),
            "rudder": spread(self.rudder_runs),
            "peer_tokens_per_second": spread(self.peer_runs),
            "ratio": spread(ratios),
        }


def spread(values: list[float]) -> dict:
    return {"median": median(values), "low": min(values), "high": max(values)}


def compare(rudder: Engine, peer: Engine, tests: list[str], runs: int, seconds: float) -> list[Row]:
    """Runs every test on both, once to warm up and then `runs` times, or until the time is up and each has three runs."""
    rows = [Row(peer.name, test) for test in tests]
    for row in rows:
        for engine in (rudder, peer):
            engine.measure(row.test)
    end = time.monotonic() + seconds
    for run in range(runs):
        for row in rows:
            if run >= 3 and time.monotonic() > end:
                return rows
            pair = [(rudder, row.rudder_runs), (peer, row.peer_runs)]
            for engine, values in pair if run % 2 == 0 else reversed(pair):
                values.append(engine.measure(row.test))
    return rows


def table(results: list[dict]) -> str:
    lines = [
        "| test | sequences | control | Rudder, tokens/s | peer, tokens/s | peer | ratio | lowest–highest | runs |",
        "| --- | ---: | --- | ---: | ---: | --- | ---: | ---: | ---: |",
    ]
    for result in results:
        control, ratio = result["control"], result["ratio"]
        cells = [
            result["test"],
            str(result["sequences"]),
            f"{control['steps']} steps, {control['hidden']} units, {control['layers']} layers" if control else "",
            f"{result['rudder']['median']:.1f}",
            f"{result['peer_tokens_per_second']['median']:.1f}",
            result["peer"],
            f"{ratio['median']:.2f}",
            f"{ratio['low']:.2f}–{ratio['high']:.2f}",
            str(result["runs"]),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def machine(threads: int) -> str:
    names = [line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return f"{names[0] if names else 'unknown processor'}, {os.cpu_count()} cores, {threads} threads"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure Rudder against llama.cpp and, where PyTorch is installed, RE-Control's loop in it.")
    parser.add_argument("--program", default=".build/release/rudder")
    parser.add_argument("--model", default=".cache/models/SmolLM2-135M-Instruct.Q4_1.gguf")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--runs", type=int, default=7, help="timed runs of each row, at most")
    parser.add_argument("--seconds", type=float, default=240, help="for each peer, begin no further run after that many, once each row has three")
    parser.add_argument("--peers", default="llama.cpp,torch", help="some of llama.cpp,torch")
    parser.add_argument("--tests", help="only these of the tests, by name: pp512,tg128")
    parser.add_argument("--json", action="store_true", help="print one line of JSON instead of a table")
    options = parser.parse_args()

    common = ["--model", options.model, "--threads", str(options.threads)]
    peers = {"llama.cpp": ("llama_cpp", "llama_cpp_peer.py", LLAMA_CPP_TESTS), "torch": ("torch", "torch_peer.py", TORCH_TESTS)}
    results, resident = [], {}
    for name in options.peers.split(","):
        module, script, tests = peers[name]
        if options.tests:
            tests = [test for test in tests if test.split()[0] in options.tests.split(",")]
        if not tests:
            continue
        if importlib.util.find_spec(module) is None:
            print(f"skipped: {module} is not installed in {sys.prefix}", file=sys.stderr)
            continue
        rudder = Engine("rudder", [options.program, "bench", "--measurements", *common])
        peer = Engine(name, [sys.executable, str(HERE / script), *common])
        rows = compare(rudder, peer, tests, options.runs, options.seconds)
        results += [row.result() for row in rows]
        resident[name] = peer.resident_bytes()
        rudder.stop()
        peer.stop()
    report = {"machine": machine(options.threads), "model": Path(options.model).name, "peer_resident_bytes": resident, "results": results}
    if options.json:
        print(json.dumps(report))
        return
    print(f"{report['model']} on {report['machine']}\n")
    print(table(results))


if __name__ == "__main__":
    main()
