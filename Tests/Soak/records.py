"""What became of every request."""

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field

# How a request can end.
ANSWERED = "answered"  # completely, and as it should be
REFUSED = "refused"  # 429 or 503, as documented
REJECTED = "rejected"  # what is wrong with it was told, as it should be
LEFT = "left"  # the client went away by itself
CUT = "cut"  # too slow, and cut off as it should be
STARVED = "starved"  # without an answer, while the machine did not let the clients run
LOST = "lost"  # anything else
OUTCOMES = [ANSWERED, REFUSED, REJECTED, LEFT, CUT, STARVED, LOST]


def percentile(values: list[float], part: float) -> float:
    """The least value that so large a part of all does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]


def summary(values: list[float]) -> dict | None:
    """Count and percentiles; None where there is nothing."""
    if not values:
        return None
    return {"count": len(values), **{f"p{part}": round(percentile(values, part / 100), 4) for part in (50, 95, 99)},
            "max": round(max(values), 4)}


@dataclass
class Records:
    """Counts by kind and outcome and by status, and times."""

    outcomes: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    statuses: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    first: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    losses: list[dict] = field(default_factory=list)
    counted: Counter = field(default_factory=Counter)

    def add(self, kind: str, outcome: str, status: int | None = None, first: float | None = None, seconds: float | None = None):
        """Notes how a request ended; times are of those that were answered."""
        self.outcomes[kind][outcome] += 1
        if status is not None:
            self.statuses[kind][status] += 1
        if outcome == ANSWERED:
            if first is not None:
                self.first[kind].append(first)
            if seconds is not None:
                self.seconds[kind].append(seconds)

    def lose(self, kind: str, reason: str, at: float):
        """Notes that a request was lost, and why."""
        self.outcomes[kind][LOST] += 1
        self.losses.append({"kind": kind, "at": round(at, 1), "reason": reason[:2000]})

    def count(self, what: str, number: int = 1):
        """Counts something else, such as lines of batches."""
        self.counted[what] += number

    @property
    def total(self) -> int:
        return sum(sum(outcomes.values()) for outcomes in self.outcomes.values())

    def document(self) -> dict:
        return {
            kind: {
                "outcomes": {outcome: self.outcomes[kind][outcome] for outcome in OUTCOMES if self.outcomes[kind][outcome]},
                "statuses": {str(status): count for status, count in sorted(self.statuses[kind].items())},
                "first_token_seconds": summary(self.first[kind]),
                "total_seconds": summary(self.seconds[kind]),
            }
            for kind in sorted(self.outcomes)
        }
