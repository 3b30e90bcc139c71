"""The outbox of one connection: what is yet to be sent, and no more than a slow reader may cost.

When it overflows, what subscriptions were told is dropped, and they are told to load everything
again as soon as the reader goes on. One that does not go on in time is given up.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from server import metrics
from server.hub import Subscriber

MOST_FRAMES = 256
MOST_BYTES = 1_048_576
PATIENCE_SECONDS = 5.0
DRAIN_SECONDS = 2.0


class Outbox:
    """Frames in their order; `give_up` is called when the reader has stalled for too long."""

    __slots__ = (
        "_frames", "_give_up", "_lost", "_patience", "_ready", "_roomy", "_size", "is_finished",
    )  # fmt: skip

    def __init__(self, give_up: Callable[[], None]) -> None:
        self._frames: deque[tuple[str, Subscriber | None]] = deque()
        self._size = 0
        self.is_finished = False
        self._lost: set[Subscriber] = set()
        self._ready = asyncio.Event()
        self._roomy = asyncio.Event()
        self._give_up = give_up
        self._patience: asyncio.TimerHandle | None = None

    def put(self, frame: str, of: Subscriber | None = None) -> None:
        """Send a frame; one of a subscriber may be dropped, together with all of its others."""
        self._frames.append((frame, of))
        self._size += len(frame)
        if self._is_full:
            self._overflow()
        self._ready.set()

    def take(self) -> str | None:
        """The next frame, when there is one; whoever takes is no slow reader any more."""
        self._go_on()
        if not self._frames:
            self._ready.clear()
            return None
        frame, _ = self._frames.popleft()
        self._size -= len(frame)
        self._roomy.set()
        return frame

    async def room(self) -> None:
        """Wait until there is room for more, or nobody sends any more."""
        while self._is_full and not self.is_finished:
            self._roomy.clear()
            await self._roomy.wait()

    async def ready(self) -> None:
        """Wait until there is something to take."""
        await self._ready.wait()

    def finish(self) -> None:
        """Nothing more will be put here."""
        self.is_finished = True
        self._ready.set()
        self._roomy.set()

    def close(self) -> None:
        """Nobody sends from here any more."""
        self.finish()
        if self._patience is not None:
            self._patience.cancel()

    @property
    def _is_full(self) -> bool:
        """A single frame may be as long as it is."""
        number = len(self._frames)
        return number > MOST_FRAMES or (number > 1 and self._size > MOST_BYTES)

    def _overflow(self) -> None:
        kept = [(frame, of) for frame, of in self._frames if of is None]
        lost = {of for _, of in self._frames if of is not None}
        for subscriber in lost:
            subscriber.miss()
        self._lost |= lost
        metrics.gaps.labels("slow_reader").inc(len(lost))
        self._frames = deque(kept)
        self._size = sum(len(frame) for frame, _ in kept)
        if self._patience is None:
            later = asyncio.get_running_loop().call_later
            self._patience = later(PATIENCE_SECONDS, self._give_up)

    def _go_on(self) -> None:
        """The reader reads again."""
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        lost, self._lost = self._lost, set()
        for subscriber in lost:
            if not subscriber.is_over:
                subscriber.resync()
