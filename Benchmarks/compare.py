"""Measures Rudder against its peers on one model file, in turn, so that all see the same minutes of the machine.

Every engine is a process of its own that has loaded the model and waits. One measures at a time; who goes first changes from round to
round. A row's ratio is the median over the rounds of Rudder's tokens a second divided by the peer's, with the lowest and the highest.

Engines differ in what a busy core costs them: llama.cpp's threads wait for each other at every step. So each pair of runs waits until the
machine is quiet, and is repeated if others computed meanwhile, as long as patience lasts. How much they did is part of the report.
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

from cores import Watch, wait_until_quiet

HERE = Path(__file__).parent

# The rows, as the protocol asks for them.
LLAMA_CPP_TESTS = ["pp128 1", "pp512 1", "tg128 1", "tg32 2", "tg32 4", "tg32 8", "tg32 16"]
TORCH_TESTS = ["tg128 1", "tg128 1 30 576 2"]
# Others' part of the cores that a pair of runs may meet.
QUIET = 0.05


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

    def measure(self, test: str) -> tuple[float, float]:
        """Tokens a second of one run, and which part of the cores others took meanwhile."""
        # Whoever measured before puts its threads to sleep first.
        time.sleep(0.05)
        watch = Watch(self._process.pid)
        self._process.stdin.write(test + "\n")
        self._process.stdin.flush()
        speed = float(self._answer())
        return speed, watch.others()

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
    others: list[float] = field(default_factory=list)

    def result(self) -> dict:
        name, sequences, *control = self.test.split()
        ratios = [ours / theirs for ours, theirs in zip(self.rudder_runs, self.peer_runs)]
        return {
            "peer": self.peer,
            "test": name,
            "sequences": int(sequences),
            "control": dict(zip(("steps", "hidden", "layers"), map(int, control))) or None,
            "runs": len(ratios),
            "rudder_tokens_per_second": spread(self.rudder_runs),
            "peer_tokens_per_second": spread(self.peer_runs),
            "ratio": spread(ratios),
            "others": median(self.others),
        }


def spread(values: list[float]) -> dict:
    return {"median": median(values), "low": min(values), "high": max(values)}


def measure_pair(row: Row, engines: list[Engine], patience_end: float) -> None:
    """Runs the row's test on both engines, in that order, in a quiet moment if there is one before the patience ends."""
    while True:
        wait_until_quiet(patience_end, QUIET)
        outcomes = {engine.name: engine.measure(row.test) for engine in engines}
        others = max(share for _, share in outcomes.values())
        if others < QUIET or time.monotonic() > patience_end:
            break
    row.rudder_runs.append(outcomes["rudder"][0])
    row.peer_runs.append(outcomes[row.peer][0])
    row.others.append(others)


def compare(rudder: Engine, peer: Engine, tests: list[str], options: argparse.Namespace) -> list[Row]:
    """Runs every test on both, once to warm up and then in rounds, until all are done or the time is up and each has three runs."""
    rows = [Row(peer.name, test) for test in tests]
    for row in rows:
        for engine in (rudder, peer):
            engine.measure(row.test)
    start = time.monotonic()
    for run in range(options.runs):
        for row in rows:
            if run >= 3 and time.monotonic() > start + options.seconds:
                return rows
            engines = [rudder, peer] if run % 2 == 0 else [peer, rudder]
            measure_pair(row, engines, start + options.patience)
    return rows


def table(results: list[dict]) -> str:
    lines = [
        "| test | sequences | control | Rudder, tokens/s | peer, tokens/s | peer | ratio | lowest–highest | runs | others |",
        "| --- | ---: | --- | ---: | ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for result in results:
        control, ratio = result["control"], result["ratio"]
        cells = [
            result["test"],
            str(result["sequences"]),
            f"{control['steps']} steps, {control['hidden']} units, {control['layers']} layers" if control else "",
            f"{result['rudder_tokens_per_second']['median']:.1f}",
            f"{result['peer_tokens_per_second']['median']:.1f}",
            result["peer"],
            f"{ratio['median']:.2f}",
            f"{ratio['low']:.2f}–{ratio['high']:.2f}",
            str(result["runs"]),
            f"{result['others']:.0%}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def machine(threads: int) -> str:
    names = [line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return f"{names[0] if names else 'unknown processor'}, {os.cpu_count()} cores, {threads} threads"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure Rudder against llama.cpp and, where they are installed, its fork ik_llama.cpp and RE-Control's loop in PyTorch.")
    parser.add_argument("--program", default=".build/release/rudder")
    parser.add_argument("--model", default=".cache/models/SmolLM2-135M-Instruct.Q4_1.gguf")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--runs", type=int, default=7, help="timed runs of each row, at most")
    parser.add_argument("--seconds", type=float, default=240, help="for each peer, begin no further run after that many, once each row has three")
    parser.add_argument("--patience", type=float, default=120, help="for each peer, wait for quiet moments and repeat disturbed runs for so long")
    parser.add_argument("--peers", default="llama.cpp,ik_llama.cpp,torch", help="some of them, separated by commas")
    parser.add_argument("--tests", help="only these of the tests, by name: pp512,tg128")
    parser.add_argument("--depths", help="instead, pp512 and tg32 behind texts of so many tokens: 0,2048,7680")
    parser.add_argument("--json", action="store_true", help="print one line of JSON instead of a table")
    options = parser.parse_args()

    common = ["--model", options.model, "--threads", str(options.threads)]
    depths = ["--depths", options.depths] if options.depths else []
    peers = {
        "llama.cpp": ("llama_cpp", "llama_cpp_peer.py", LLAMA_CPP_TESTS),
        "ik_llama.cpp": ("ik_llama_cpp", "ik_llama_cpp_peer.py", LLAMA_CPP_TESTS),
        "torch": ("torch", "torch_peer.py", TORCH_TESTS),
    }
    results, resident = [], {}
    for name in options.peers.split(","):
        module, script, tests = peers[name]
        if options.depths:
            places = [f"@{depth}" if depth else "" for depth in map(int, options.depths.split(","))]
            tests = [] if name == "torch" else [f"{test}{place} 1" for place in places for test in ("pp512", "tg32")]
        if options.tests:
            tests = [test for test in tests if test.split()[0] in options.tests.split(",")]
        if not tests:
            continue
        if importlib.util.find_spec(module) is None:
            print(f"skipped: {module} is not installed in {sys.prefix}", file=sys.stderr)
            continue
        rudder = Engine("rudder", [options.program, "bench", "--measurements", *common, *depths])
        peer = Engine(name, [sys.executable, str(HERE / script), *common])
        rows = compare(rudder, peer, tests, options)
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
