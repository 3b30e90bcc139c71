"""Events: what was committed in a scope, a project or a user's own, one for each transaction.

The clock of a scope goes up by one with every transaction that changes it, in the order of
commits. A place names a tick of it; what came after a place is read without gaps, or, when the
place is not one of this feed or too old, there is nothing but to load all again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from db.base import Columns, Keys
from db.cursors import Cursors
from db.errors import BadInput
from db.rows import Row, record
from db.session import Session
from db.statements import Statement

_SEAL = b"feed"
_Cursor = record("cursor", ("cursor",))


class Kind(Enum):
    """What an event asks of whoever follows."""

    READY = "ready"
    CHANGE = "change"
    BULK = "bulk"
    RESYNC = "resync"
    HEARTBEAT = "heartbeat"


class ChangeScope(Enum):
    """What of a project is to be loaded again."""

    ALL = "ALL"
    IMAGES = "IMAGES"
    METADATA = "METADATA"
    COUNTS = "COUNTS"
    UNIFIED = "UNIFIED"
    SHOTS = "SHOTS"


class Op(Enum):
    """What became of a row."""

    INSERT = "I"
    UPDATE = "U"
    DELETE = "D"


@dataclass(frozen=True, slots=True)
class Place:
    """All that was committed in a scope up to a tick; the epoch ends when a tick may be lost."""

    epoch: str
    scope: str
    tick: int

    def sealed(self, cursors: Cursors) -> str:
        """The place as opaque text."""
        return cursors.seal(_SEAL, (self.epoch, self.scope, str(self.tick)))


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one row, which of its columns were updated, and what it is a part of."""

    table: str
    id: str
    op: Op
    columns: tuple[str, ...]
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One transaction as a scope sees it.

    A BULK event has changed too many rows to name them; of a RESYNC only the place is known.
    """

    place: Place
    kind: Kind
    at: str | None = None
    reason: str | None = None
    scopes: tuple[str, ...] = ()
    origin: str | None = None
    shot_ids: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Latest:
    """The last that became of a row, and the tick of it."""

    table: str
    id: str
    tick: int
    op: Op


@dataclass(frozen=True, slots=True)
class Delta:
    """All rows that changed between two places, each once, in the order of their last change."""

    place: Place
    rows: tuple[Latest, ...]


def opened(cursors: Cursors, scope: str, cursor: str) -> Place | None:
    """The place in a cursor; None when it is none, or one of another scope."""
    try:
        epoch, of, tick = cursors.open(_SEAL, cursor, "after")
    except BadInput:
        return None
    return Place(epoch, of, int(tick)) if of == scope else None


_VISIBLE = Statement("select scope, epoch, tick from visible_clocks($1::uuid[])", ("keys",), {})


async def cursor(session: Session, ids: Keys, columns: Columns) -> Mapping[str, Row]:
    """Where its feed stands, as of this very answer: what comes after it is not in here yet."""
    found = await places(session, ids)
    return {scope: _Cursor((place.sealed(session.cursors),)) for scope, place in found.items()}


async def places(session: Session, scopes: Keys, columns: Columns = ()) -> Mapping[str, Place]:
    """Where the feeds of those scopes stand that the viewer may follow."""
    rows = await session.fetch(_VISIBLE, keys=list(scopes))
    return {scope: Place(epoch, scope, tick) for scope, epoch, tick in rows}
