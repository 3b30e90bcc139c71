"""Upkeep: what the product's own machinery does between requests, with uploaded files above all."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg

logger = logging.getLogger("dailies.upkeep")

# How often a file is looked at in vain, within some hours, until it is given up.
TURNS = 6

_ARRIVED = "uploaded"
# Where the search for unused uploads begins, and how many slices of it are done in one sweep.
_BEGINNING = ("-infinity", "00000000-0000-0000-0000-000000000000")
_SLICES = 25
_CLAIM = "select set_config('role', 'service_role', true)"
_BECAUSE = "select set_config('dailies.reason', %s, true), set_config('dailies.scopes', %s, true)"


@dataclass(frozen=True)
class Waiting:
    """A file that has arrived and has no thumbnail yet."""

    id: str
    key: str
    sha256: str | None
    attempts: int


@dataclass(frozen=True)
class Found:
    """What was found out about a file."""

    thumbnail_url: str
    width: int
    height: int
    duration_ms: int | None
    blurhash: str


class Failed(Exception):
    """A file that cannot be used; its text says why."""


class Elsewhere(Exception):
    """A file that another machine keeps."""


@dataclass(frozen=True)
class Swept:
    """What a sweep has done."""

    expired: int = 0
    deleted: int = 0
    removed: int = 0
    is_through: bool = True

    @property
    def is_last(self) -> bool:
        """Whether there was nothing to do any more."""
        return self.is_through and not self.expired + self.deleted + self.removed

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(
            self.expired + other.expired,
            self.deleted + other.deleted,
            self.removed + other.removed,
            other.is_through,
        )


class Upkeep:
    """Works on the files of all projects, one transaction at a time."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._elsewhere: set[str] = set()
        self._place: tuple[Any, ...] = _BEGINNING

    def look_at_next(self, look: Callable[[Waiting], Found]) -> bool:
        """Have the file that waits longest looked at, and keep what was found; false if none does.

        Should the process die meanwhile, the file waits as before.
        """
        with self._claimed() as waiting:
            if waiting is None:
                return False
            try:
                self._finish(waiting, look(waiting))
            except Elsewhere:
                self._elsewhere.add(waiting.id)
            except Failed as failed:
                self._fail(waiting, str(failed))
            except Exception:
                logger.exception("File %s could not be looked at", waiting.key)
                self._put_back(waiting)
        return True

    def sweep(
        self, kept_for: timedelta, grace: timedelta, most: int, remove: Callable[[str], None]
    ) -> Swept:
        """Give up what did not come, what nobody uses, and the files of what is gone by now.

        Of what was used, a part is looked at each time, and all of it in turns.
        """
        with self._transaction("upload-expired") as connection:
            expired = _number(connection, "select expire_uploads(%s)", most)
        deleted = self._delete_unused(kept_for, most)
        with self._transaction("unused-upload") as connection:
            left = connection.execute("select take_leftover_files(%s, %s)", (grace, most))
            keys = [key for (key,) in left.fetchall()]
            # They are removed before that is kept: whoever dies in between begins anew.
            for key in keys:
                remove(key)
        return Swept(expired, deleted, len(keys), is_through=self._place == _BEGINNING)

    def forget(self, versions: int, expired_for: timedelta, most: int) -> int:
        """Let go of old changes of settings and of invitations that hold no more; gives how many.

        The latest changes of each tool's settings are kept, so many.
        """
        with self._transaction("invitation-expired") as connection:
            text = "select delete_expired_invitations(%s, %s)"
            invitations = _number(connection, text, expired_for, most)
        with self._transaction("forgotten") as connection:
            text = "select delete_old_revisions(%s, %s)"
            return invitations + _number(connection, text, versions, most)

    def _delete_unused(self, kept_for: timedelta, most: int) -> int:
        """Go on from where the last sweep ended, slice by slice, for a while or to the end."""
        total = 0
        for _ in range(_SLICES):
            with self._transaction("unused-upload") as connection:
                text = "select * from delete_unused_assets(%s, %s, %s, %s)"
                deleted, *place = _row(connection, text, kept_for, most, *self._place)
            total += deleted
            self._place = _BEGINNING if None in place else tuple(place)
            if self._place == _BEGINNING:
                break
        return total

    @contextmanager
    def _claimed(self) -> Iterator[Waiting | None]:
        """A file that nobody else looks at for as long as this is open, without a transaction."""
        with self._transaction("") as connection:
            claim = "select id, key, sha256, attempts from claim_arrived_asset(%s::uuid[])"
            row = connection.execute(claim, (list(self._elsewhere),)).fetchone()
        waiting = Waiting(*row) if row else None
        try:
            yield waiting
        finally:
            self._connection.execute("select pg_advisory_unlock_all()")

    def _finish(self, waiting: Waiting, found: Found) -> None:
        with self._transaction("thumbnail-change", "IMAGES,METADATA,UNIFIED") as connection:
            connection.execute(
                "select finish_asset(%s, %s, %s, %s, %s, %s)",
                (
                    *(waiting.id, found.thumbnail_url, found.width, found.height),
                    *(found.duration_ms, found.blurhash),
                ),
            )

    def _fail(self, waiting: Waiting, why: str) -> None:
        with self._transaction("upload-failed") as connection:
            text = "update assets set status = 'failed', error = %s where id = %s and status = %s"
            connection.execute(text, (why, waiting.id, _ARRIVED))

    def _put_back(self, waiting: Waiting) -> None:
        """Let others go first, and this one again later; after so many turns it is given up."""
        if waiting.attempts >= TURNS:
            self._fail(waiting, f"It could not be looked at, at {TURNS} different times.")
            return
        with self._transaction("thumbnail-delayed") as connection:
            text = "update assets set attempts = %s where id = %s and status = %s"
            connection.execute(text, (waiting.attempts + 1, waiting.id, _ARRIVED))

    @contextmanager
    def _transaction(self, reason: str, scopes: str = "") -> Iterator[psycopg.Connection[Any]]:
        with self._connection.transaction():
            self._connection.execute(_CLAIM)
            self._because(reason, scopes)
            yield self._connection

    def _because(self, reason: str, scopes: str = "") -> None:
        """Say why, to those who are told of what this transaction does."""
        self._connection.execute(_BECAUSE, (reason, scopes))


@contextmanager
def opened(url: str) -> Iterator[Upkeep]:
    """The machinery, connected."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield Upkeep(connection)


def _number(connection: psycopg.Connection[Any], statement: str, *values: Any) -> int:
    return int(_row(connection, statement, *values)[0])


def _row(connection: psycopg.Connection[Any], statement: str, *values: Any) -> tuple[Any, ...]:
    """The one row that a function gives."""
    (row,) = connection.execute(statement, values).fetchall()
    return tuple(row)
