"""How busy the machine's cores are, and with whom."""

import os
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


class Watch:
    """Tells what part of all cores anyone but one process took since the watch was started: other programs, and other machines on the host."""

    def __init__(self, pid: int | None = None) -> None:
        self._pid = pid
        self._start = self._now()

    def _now(self) -> tuple[float, int, int]:
        # user, nice, system, idle, iowait, irq, softirq, steal
        fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        busy = sum(fields) - fields[3] - fields[4]
        own = 0
        if self._pid is not None:
            # The program's name, in parentheses, may hold spaces.
            fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
            own = int(fields[11]) + int(fields[12])
        return time.monotonic(), busy, own

    def others(self) -> float:
        """0 where nobody else computed, 1 where others had all cores."""
        (start, busy, own), (end, busy_end, own_end) = self._start, self._now()
        return max(busy_end - busy - (own_end - own), 0) / TICKS / max(end - start, 1e-3) / (os.cpu_count() or 1)


def wait_until_quiet(deadline: float, share: float) -> None:
    """Returns once others take less than that share of the cores for a quarter of a second, or at the deadline."""
    while time.monotonic() < deadline:
        watch = Watch()
        time.sleep(0.25)
        if watch.others() < share:
            return
