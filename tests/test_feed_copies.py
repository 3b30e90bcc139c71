"""A copy that only ever hears of changes is the same as what is kept, whatever is done to it."""

from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

import psycopg
import pytest
from psycopg import sql

from db.events import Kind
from db.feed import Feed
from tests.studio import Studio

TABLES = "runs tasks shots generations generation_variants shot_generations".split()
STEPS = 60

Key = tuple[str, str]


class Copied:
    """One project, the random things that happen in it, and a copy of all its rows."""

    def __init__(self, studio: Studio, seed: int) -> None:
        self.studio = studio
        self.owner = studio.owner
        self.chance = Random(seed)
        self.project = studio.project(studio.user())
        self.copy: dict[Key, Any] = {}

    def kept(self) -> dict[Key, Any]:
        """Every row as it is now."""
        return {key: row for table in TABLES for key, row in self.rows(table).items()}

    def rows(self, table: str, ids: list[str] | None = None) -> dict[Key, Any]:
        """Rows of a table, all or these."""
        text = sql.SQL(
            "select id::text, to_jsonb(t)::text from {} t"
            " where project_id = %s and (%s::uuid[] is null or id = any (%s))"
        ).format(sql.Identifier(table))
        found = self.owner.execute(text, (self.project, ids, ids)).fetchall()
        return {(table, id): row for id, row in found}

    def apply(self, changed: set[Key]) -> None:
        """Look again at what is said to have changed; what is not there is gone."""
        for table in TABLES:
            ids = [id for of, id in changed if of == table]
            for id in ids:
                self.copy.pop((table, id), None)
            if ids:
                self.copy |= self.rows(table, ids)

    def step(self) -> None:
        """Some of what people do, in a transaction, of which a part may be undone."""
        with suppress(psycopg.Error), self.owner.transaction():
            for _ in range(self.chance.randint(1, 3)):
                act: Callable[[], object] = self.chance.choice(self.acts())
                with suppress(ZeroDivisionError), self.owner.transaction():
                    act()
                    if self.chance.random() < 0.15:
                        raise ZeroDivisionError

    def acts(self) -> list[Callable[[], object]]:
        """What may be done."""
        return [
            lambda: self.studio.shot(self.project),
            lambda: self.studio.insert("runs", project_id=self.project),
            lambda: self.studio.insert("tasks", project_id=self.project, task_type="any"),
            lambda: self.studio.generation(self.project, run_id=self.any("runs")),
            lambda: self.studio.generation(
                self.project, parent_generation_id=self.any("generations"), child_order=1
            ),
            lambda: self.studio.variant(self.one("generations"), is_primary=True),
            lambda: self.studio.entry(self.one("shots"), self.one("generations"), self.frame()),
            lambda: self.write("generations", "name", "Dawn"),
            lambda: self.write("shots", "position", 0),
            lambda: self.write("shot_generations", "timeline_frame", self.frame()),
            lambda: self.write("generation_variants", "starred", True),
            lambda: self.write("tasks", "progress", self.chance.randint(0, 9)),
            lambda: self.write("generations", "based_on", self.any("generations")),
            self.move_all,
            lambda: self.delete("shots"),
            lambda: self.delete("runs"),
            lambda: self.delete("generations"),
            lambda: self.delete("generation_variants"),
            lambda: self.delete("shot_generations"),
        ]

    def any(self, table: str) -> str | None:
        """One of the rows, or none."""
        return self.one(table) if self.chance.random() < 0.7 else None

    def one(self, table: str) -> str:
        """One of the rows."""
        found = sorted(id for _, id in self.rows(table))
        if not found:
            raise ZeroDivisionError
        return self.chance.choice(found)

    def frame(self) -> int | None:
        """A place, or none."""
        return self.chance.choice([None, self.chance.randint(0, 10_000)])

    def move_all(self) -> None:
        """Drag everything in a shot."""
        self.owner.execute(
            "update shot_generations set timeline_frame = 20000 - timeline_frame"
            " where shot_id = %s",
            (self.one("shots"),),
        )

    def write(self, table: str, column: str, value: Any) -> None:
        """Change a column of some row."""
        text = sql.SQL("update {} set {} = %s where id = %s")
        self.owner.execute(
            text.format(sql.Identifier(table), sql.Identifier(column)), (value, self.one(table))
        )

    def delete(self, table: str) -> None:
        """Delete some row, and all that goes with it."""
        text = sql.SQL("delete from {} where id = %s").format(sql.Identifier(table))
        self.owner.execute(text, (self.one(table),))


@pytest.fixture
def copied(studio: Studio, request: pytest.FixtureRequest) -> Copied:
    studio.owner.execute("insert into task_types (name) values ('any') on conflict do nothing")
    return Copied(studio, request.param)


@pytest.mark.parametrize("copied", range(6), indirect=True)
async def test_a_copy_fed_by_deltas_is_what_is_kept(copied: Copied, feed: Feed) -> None:
    place = (await feed.now([copied.project]))[copied.project]
    for _ in range(STEPS):
        copied.step()
        if copied.chance.random() < 0.3:
            delta = await feed.delta(place)
            assert delta is not None
            copied.apply({(row.table, row.id) for row in delta.rows})
            place = delta.place
            assert copied.copy == copied.kept()
    assert place.tick > STEPS / 4


@pytest.mark.parametrize("copied", range(6, 12), indirect=True)
async def test_a_copy_fed_by_events_is_what_is_kept_and_knows_what_became_of_each_row(
    copied: Copied, feed: Feed
) -> None:
    place = (await feed.now([copied.project]))[copied.project]
    for _ in range(STEPS):
        before = set(copied.copy)
        copied.step()
        for event in (await feed.after([place])).get(place, ()):
            assert event.kind is Kind.CHANGE
            ops = {(change.table, change.id): change.op.name for change in event.changes}
            copied.apply(set(ops))
            place = event.place
            for key in ops.keys() & set(copied.copy):
                assert ops[key] in ("INSERT" if key not in before else "UPDATE", "INSERT")
            for key in before - set(copied.copy):
                assert ops[key] == "DELETE"
        assert copied.copy == copied.kept()
    assert place.tick > STEPS / 4
