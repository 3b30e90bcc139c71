"""Presence: how many sockets and event streams viewers have open in this process."""

from collections import Counter


class TooMany(Exception):
    """A viewer has as many open as are allowed."""


class Presence:
    """Counts what is open, by viewer."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._numbers: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """How many are open."""
        return self._numbers.total()

    def enter(self, viewer: str) -> None:
        """Count one more."""
        if self._numbers[viewer] >= self._most:
            raise TooMany(f"A viewer has at most {self._most} sockets and streams open.")
        self._numbers[viewer] += 1

    def leave(self, viewer: str) -> None:
        """Count one less."""
        self._numbers[viewer] -= 1
        if not self._numbers[viewer]:
            del self._numbers[viewer]
