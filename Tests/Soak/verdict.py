"""Whether memory, descriptors and threads stayed what they were, told by the rests between loads."""

from dataclasses import asdict, dataclass
from statistics import median

# How far memory may grow after the warm-up, as a part of what it was then.
MOST_GROWTH = 0.02
# How many descriptors more there may be than at the first rest after the warm-up.
MOST_DESCRIPTORS = 1
# How many threads more. Dispatch has as many as were ever at work at once, and ends one only when it was not needed for seconds. One that is left behind
# by a request, or a connection, would be one of thousands.
MOST_THREADS = 16


@dataclass
class Rest:
    """What the process held while nobody asked for anything."""

    at: float  # seconds since the load began
    requests: int  # how many had ended by then
    rss: int  # bytes, of files as well
    anonymous: int  # bytes
    file: int  # bytes
    descriptors: int
    threads: int
    connections: int  # by the server's own gauge, that of the scrape left out
    running: int
    waiting: int
    used_blocks: int
    free_blocks: int
    leftovers: int  # files and folders of uploads that did not end
    load_average: float


def trend(rests: list[Rest], value) -> float:
    """Growth from the first of the rests to the last by the median slope between any two of them (Theil and Sen), which one odd rest does not
    move."""
    slopes = [
        (value(late) - value(early)) / (late.at - early.at)
        for index, early in enumerate(rests) for late in rests[index + 1:] if late.at > early.at
    ]
    return median(slopes) * (rests[-1].at - rests[0].at) if slopes else 0.0


def growth(rests: list[Rest], value) -> dict:
    """How a quantity of the rests grew, in parts of the first: by the last alone, and by the trend of all."""
    base = value(rests[0])
    return {
        "first": base,
        "last": value(rests[-1]),
        "most": max(map(value, rests)),
        "by_last": (value(rests[-1]) - base) / base,
        "by_trend": trend(rests, value) / base,
    }


def judge(rests: list[Rest], warm_up: float) -> tuple[dict, list[str]]:
    """The numbers, and what is wrong with them; rests within the first `warm_up` seconds are left out."""
    steady = [rest for rest in rests if rest.at >= warm_up]
    if len(steady) < 3:
        return {"rests": [asdict(rest) for rest in rests]}, [f"only {len(steady)} rests after the warm-up: nothing can be said of growth"]
    problems = []
    document = {"memory": growth(steady, lambda rest: rest.rss), "anonymous": growth(steady, lambda rest: rest.anonymous)}
    for name, numbers in document.items():
        if max(numbers["by_last"], numbers["by_trend"]) > MOST_GROWTH:
            problems.append(f"{name} grew by {numbers['by_last']:.1%} (trend {numbers['by_trend']:.1%}), more than {MOST_GROWTH:.0%}")
    for name, most in (("descriptors", MOST_DESCRIPTORS), ("threads", MOST_THREADS)):
        found = [getattr(rest, name) for rest in steady]
        document[name] = {"first": found[0], "last": found[-1], "most": max(found)}
        if found[-1] > found[0] + most:
            problems.append(f"there are {found[-1]} {name} at the last rest, {found[0]} at the first after the warm-up")
    for rest in rests:
        for name in ("connections", "running", "waiting", "used_blocks", "leftovers"):
            if getattr(rest, name):
                problems.append(f"{name} is {getattr(rest, name)} and not 0 at the rest after {rest.at:.0f} s")
    return {**document, "rests": [asdict(rest) for rest in rests]}, problems
