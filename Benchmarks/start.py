"""Starts a server again and again, and prints how long it takes until it is ready."""

import argparse
import statistics
import time
import urllib.request
from pathlib import Path

from server import MODEL, PROGRAM, serving


def start(program: str, model: str) -> float:
    """Seconds from the process's beginning until `/ready` has been answered 200."""
    begun = time.monotonic()
    with serving(program, model) as address:
        with urllib.request.urlopen(f"{address}/ready") as answer:
            answer.read()
        return time.monotonic() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default=PROGRAM)
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--runs", type=int, default=21)
    options = parser.parse_args()
    times = sorted(start(options.program, options.model) for _ in range(options.runs))
    print(f"{Path(options.model).name}\n")
    print("| start to ready | median | fastest | slowest | runs |")
    print("| --- | ---: | ---: | ---: | ---: |")
    print(f"| seconds | {statistics.median(times):.3f} | {times[0]:.3f} | {times[-1]:.3f} | {len(times)} |")


if __name__ == "__main__":
    main()
