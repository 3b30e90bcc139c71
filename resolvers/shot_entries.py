"""Shot entries: what is read out of their metadata, in which old writers may have left anything."""

from collections.abc import Callable
from typing import Any

from db.rows import Row

_LARGEST = 2**31 - 1


def metadata(entry: Row) -> Any:
    """What is kept with the entry, such as the prompts of the pair that begins with it."""
    return {} if entry.metadata is None else entry.metadata


def everything(kept: Any) -> Any:
    """All of it as it is kept, with keys that have no field here."""
    return kept


def text(key: str) -> Callable[[Any], str | None]:
    """The text under a key, if it is text."""

    def read(kept: Any) -> str | None:
        value = _under(key, kept)
        return value if isinstance(value, str) else None

    return read


def integer(key: str) -> Callable[[Any], int | None]:
    """The whole number under a key, if it is one."""

    def read(kept: Any) -> int | None:
        value = _under(key, kept)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return int(value) if value == value // 1 and abs(value) <= _LARGEST else None

    return read


def truth(key: str) -> Callable[[Any], bool | None]:
    """The true or false under a key, if it is either."""

    def read(kept: Any) -> bool | None:
        value = _under(key, kept)
        return value if isinstance(value, bool) else None

    return read


def anything(*keys: str) -> Callable[[Any], Any]:
    """Whatever is under the first of these keys that is there."""

    def read(kept: Any) -> Any:
        return next((found for key in keys if (found := _under(key, kept)) is not None), None)

    return read


def _under(key: str, kept: Any) -> Any:
    return kept.get(key) if isinstance(kept, dict) else None
