"""The relay: what one gateway has read of the feed reaches the others whole, signed.

Nothing relies on it. What is lost, late, repeated or out of turn is read from PostgreSQL instead.
"""

import asyncio
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import orjson

from db.events import Change, Event, Kind, Op, Place
from server import metrics
from server.feed import Tail

_MARK = 16
_LONGEST = 524_288
_MOST_WAITING = 1_000
# How long others wait for what is read here before they are told to read it themselves.
_READING_SECONDS = 0.02


class Relay:
    """Events on their way from the tail of this gateway to those of others, and back."""

    def __init__(self, tail: Tail, key: bytes) -> None:
        self._tail = tail
        self._key = key
        self._awaited: dict[str, asyncio.TimerHandle] = {}
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(_MOST_WAITING)
        tail.has_read = self._read

    def awaiting(self, scopes: Iterable[str], late: Callable[[Sequence[str]], None]) -> set[str]:
        """Those of some changed scopes that are read here anyway, and then passed on.

        Each of which nothing is read in time is told to `late`.
        """
        read = {scope for scope in scopes if self._tail.follows(scope)}
        again = asyncio.get_running_loop().call_later
        for scope in read - self._awaited.keys():
            self._awaited[scope] = again(_READING_SECONDS, self._give_up, scope, late)
        return read

    async def next(self) -> bytes:
        """What is to be passed on, as soon as there is something."""
        return await self._waiting.get()

    def forget(self) -> None:
        """Nobody could be reached so far: what waits is old by now."""
        while not self._waiting.empty():
            self._waiting.get_nowait()

    def hear(self, sealed: bytes) -> None:
        """Tell what another gateway has passed on; what nobody of ours has signed is none."""
        event = self._opened(sealed)
        if event is not None:
            metrics.relayed.inc()
            self._tail.pass_on(event)

    def _give_up(self, scope: str, late: Callable[[Sequence[str]], None]) -> None:
        del self._awaited[scope]
        late([scope])

    def _read(self, found: Mapping[Place, Sequence[Event]]) -> None:
        """Pass on what came in scopes of which others are waiting to hear."""
        furthest = {p.scope: p for p in sorted(found, key=lambda p: p.tick)}
        for scope in self._awaited.keys() & furthest.keys():
            sealed = [self._sealed(event) for event in found[furthest[scope]]]
            if all(sealed):
                self._awaited.pop(scope).cancel()
                with suppress(asyncio.QueueFull):
                    for one in sealed:
                        self._waiting.put_nowait(one)

    def _sealed(self, event: Event) -> bytes:
        """The event as it is passed on; nothing when that is not worth it."""
        if event.kind not in (Kind.CHANGE, Kind.BULK):
            return b""
        body = orjson.dumps(event)
        return self._mark(body) + body if len(body) <= _LONGEST else b""

    def _opened(self, sealed: bytes) -> Event | None:
        mark, body = sealed[:_MARK], sealed[_MARK:]
        if not hmac.compare_digest(mark, self._mark(body)):
            return None
        # A gateway of another version may tell of it otherwise.
        with suppress(KeyError, TypeError, ValueError):
            return _event(orjson.loads(body))
        return None

    def _mark(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, "sha256")[:_MARK]


def _event(told: dict[str, Any]) -> Event:
    changes = [
        Change(**one | {"op": Op(one["op"]), "columns": tuple(one["columns"])})
        for one in told["changes"]
    ]
    lists = {name: tuple(told[name]) for name in ("scopes", "shot_ids", "tables")}
    whole = {"place": Place(**told["place"]), "kind": Kind(told["kind"]), "changes": tuple(changes)}
    return Event(**told | lists | whole)
