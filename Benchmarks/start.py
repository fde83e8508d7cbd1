"""Starts a server again and again, and prints how long it takes until it is ready."""

import argparse
import os
import statistics
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

READY = "rudder: listening on "


def start(options: argparse.Namespace, folder: str) -> float:
    """Seconds from the process's beginning until `/ready` has been answered 200."""
    # Nobody's batches are gone on with.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RUDDER_")}
    environment["RUDDER_BATCHES_DIRECTORY"] = f"{folder}/batches"
    with open(Path(folder) / "log", "w") as log:
        begun = time.monotonic()
        server = subprocess.Popen(
            [options.program, "serve", "--model", options.model, "--port", "0", "--registry", f"{folder}/heads"],
            env=environment, stdout=subprocess.PIPE, stderr=log, text=True,
        )
        try:
            line = server.stdout.readline().strip()
            if not line.startswith(READY):
                raise SystemExit(f"the server does not start: {(Path(folder) / 'log').read_text()}")
            with urllib.request.urlopen(line.removeprefix(READY) + "/ready") as answer:
                answer.read()
            return time.monotonic() - begun
        finally:
            server.terminate()
            server.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default=".build/release/rudder")
    parser.add_argument("--model", default=".cache/models/SmolLM2-135M-Instruct.Q4_1.gguf")
    parser.add_argument("--runs", type=int, default=21)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        times = sorted(start(options, folder) for _ in range(options.runs))
    print(f"{Path(options.model).name}\n")
    print("| start to ready | median | fastest | slowest | runs |")
    print("| --- | ---: | ---: | ---: | ---: |")
    print(f"| seconds | {statistics.median(times):.3f} | {times[0]:.3f} | {times[-1]:.3f} | {len(times)} |")


if __name__ == "__main__":
    main()
