"""What the peers share: the command line, and the protocol that compare.py speaks with them and with `rudder bench --measurements`."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """One measurement: `tg128 1`, behind a text of 4096 tokens `tg32@4096 1`, or, steered by a value function, `tg128 1 30 576 2`."""

    kind: str
    tokens: int
    sequences: int
    steps: int | None = None
    units: int | None = None
    layers: int | None = None
    depth: int = 0

    @classmethod
    def parse(cls, line: str) -> "Request":
        name, *numbers = line.split()
        if name[:2] not in ("pp", "tg"):
            raise ValueError(f"unknown test {name!r}")
        tokens, _, depth = name[2:].partition("@")
        return cls(name[:2], int(tokens), *map(int, numbers), depth=int(depth or 0))


def arguments(description: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--model", required=True, help="a GGUF file")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def prompt(count: int, vocabulary: int) -> list[int]:
    """The tokens without meaning that `rudder bench` uses, too."""
    return [(1 + index * 7919) % vocabulary for index in range(count)]


def serve(measure: Callable[[Request], float]) -> None:
    """Answers requests from standard input, one a line, until it ends."""
    print("ready", flush=True)
    for line in sys.stdin:
        print(measure(Request.parse(line)), flush=True)
