"""Where actors wait while the load rests."""

import asyncio


class Gate:
    """Open while there is load. Those who are at work go on when it closes; nobody begins anew."""

    def __init__(self):
        self._open = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._busy = 0

    @property
    def is_open(self) -> bool:
        return self._open.is_set()

    def open(self) -> None:
        self._open.set()

    def close(self) -> None:
        self._open.clear()

    async def wait(self) -> None:
        await self._open.wait()

    async def idle(self) -> None:
        """Waits until nobody is at work."""
        await self._idle.wait()

    def __enter__(self):
        self._busy += 1
        self._idle.clear()

    def __exit__(self, *_):
        self._busy -= 1
        if not self._busy:
            self._idle.set()
