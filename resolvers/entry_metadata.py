"""Entry metadata: what is read out of it, in which old writers may have left anything."""

from collections.abc import Callable
from typing import Any

from db.rows import Row

_LARGEST = 2**31 - 1


def metadata(entry: Row) -> Row:
    """What is kept with the entry, such as the prompts of the pair that begins with it."""
    return entry


def text(key: str) -> Callable[[Row], str | None]:
    """The text under a key, if it is text."""

    def read(entry: Row) -> str | None:
        value = _under(key, entry)
        return value if isinstance(value, str) else None

    return read


def integer(key: str) -> Callable[[Row], int | None]:
    """The whole number under a key, if it is one."""

    def read(entry: Row) -> int | None:
        value = _under(key, entry)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return int(value) if value == value // 1 and abs(value) <= _LARGEST else None

    return read


def truth(key: str) -> Callable[[Row], bool | None]:
    """The true or false under a key, if it is either."""

    def read(entry: Row) -> bool | None:
        value = _under(key, entry)
        return value if isinstance(value, bool) else None

    return read


def anything(*keys: str) -> Callable[[Row], Any]:
    """Whatever is under the first of these keys that is there."""

    def read(entry: Row) -> Any:
        values = (_under(key, entry) for key in keys)
        return next((value for value in values if value is not None), None)

    return read


def _under(key: str, entry: Row) -> Any:
    kept = entry.metadata
    return kept.get(key) if isinstance(kept, dict) else None
