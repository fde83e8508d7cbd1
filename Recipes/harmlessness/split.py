"""Splits HH-RLHF's pairs: of ten, four to train the reward on, four to train the judge on, one to tune with and one for the test. Dialogues that begin
with the same question as one for training are left out of the last two, and so are those of the test that begin as one to tune with.

    split.py DIALOGUES WORK
"""

import gzip
import json
import sys
from pathlib import Path


def opening(line: str) -> str:
    """What the human says first, without regard to case and spacing."""
    dialogue = json.loads(line)["chosen"]
    return " ".join(dialogue.split("\n\nAssistant:")[0].removeprefix("\n\nHuman:").lower().split())


def main() -> None:
    work = Path(sys.argv[2])
    with gzip.open(sys.argv[1], "rt") as file:
        lines = [line for line in file if line.strip()]
    parts: dict[str, list[str]] = {"reward-pairs": [], "judge-pairs": [], "validation": [], "test": []}
    for number, line in enumerate(lines, start=1):
        place = number % 10
        name = "test" if place == 0 else "validation" if place == 9 else "reward-pairs" if place <= 4 else "judge-pairs"
        parts[name].append(line)
    train = parts["reward-pairs"] + parts["judge-pairs"]
    seen = {opening(line) for line in train}
    for name in ("validation", "test"):
        parts[name] = [line for line in parts[name] if opening(line) not in seen]
        seen |= {opening(line) for line in parts[name]}
    for name, part in {**parts, "train": train}.items():
        (work / f"{name}.jsonl").write_text("".join(part))
        print(f"{name}: {len(part)} dialogues")


if __name__ == "__main__":
    main()
