"""Upkeep: what the product's own machinery does between requests, with uploaded files above all."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg

_CLAIM = "select set_config('role', 'service_role', true)"
_BECAUSE = "select set_config('dailies.reason', %s, true), set_config('dailies.scopes', %s, true)"


@dataclass(frozen=True)
class Waiting:
    """A file that has arrived and has no thumbnail yet."""

    id: str
    key: str
    sha256: str | None


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

    @property
    def total(self) -> int:
        """How much there was to do."""
        return self.expired + self.deleted + self.removed

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(
            self.expired + other.expired,
            self.deleted + other.deleted,
            self.removed + other.removed,
        )


class Upkeep:
    """Works on the files of all projects, one transaction at a time."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._elsewhere: set[str] = set()

    def look_at_next(self, look: Callable[[Waiting], Found]) -> bool:
        """Have the file that waits longest looked at, and keep what was found; false if none does.

        Should the process die meanwhile, the file waits as before.
        """
        with self._transaction("thumbnail-change", "IMAGES,METADATA,UNIFIED") as connection:
            found = connection.execute(
                "select id::text, key, sha256 from next_arrived_asset(%s::uuid[])",
                (list(self._elsewhere),),
            ).fetchone()
            if found is None:
                return False
            waiting = Waiting(*found)
            try:
                self._finish(waiting, look(waiting))
            except Elsewhere:
                self._elsewhere.add(waiting.id)
            except Failed as failed:
                self._because("upload-failed")
                connection.execute(
                    "update assets set status = 'failed', error = %s where id = %s",
                    (str(failed), waiting.id),
                )
        return True

    def sweep(
        self, kept_for: timedelta, grace: timedelta, most: int, remove: Callable[[str], None]
    ) -> Swept:
        """Give up what did not come, what nobody uses, and the files of what is gone by now."""
        with self._transaction("upload-expired") as connection:
            expired = _number(connection, "select expire_uploads(%s)", most)
        with self._transaction("unused-upload") as connection:
            deleted = _number(connection, "select delete_unused_assets(%s, %s)", kept_for, most)
        with self._transaction("unused-upload") as connection:
            left = connection.execute("select take_leftover_files(%s, %s)", (grace, most))
            keys = [key for (key,) in left.fetchall()]
            # They are removed before that is kept: whoever dies in between begins anew.
            for key in keys:
                remove(key)
        return Swept(expired, deleted, len(keys))

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

    def _finish(self, waiting: Waiting, found: Found) -> None:
        self._connection.execute(
            "select finish_asset(%s, %s, %s, %s, %s, %s)",
            (
                *(waiting.id, found.thumbnail_url, found.width, found.height),
                *(found.duration_ms, found.blurhash),
            ),
        )

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
    found = connection.execute(statement, values).fetchone()
    return 0 if found is None else int(found[0])
