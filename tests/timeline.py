"""A shot of its own for a test, its entries, and the operations of the database on them."""

from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from tests.studio import Studio

Row = dict[str, Any]

UNKNOWN = "00000000-0000-4000-8000-000000000000"


class Timeline:
    """One shot in a new project, with as many generations as it takes."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.owner = studio.owner
        self.user = studio.user()
        self.project = studio.project(self.user)
        self.shot = studio.shot(self.project)

    def generation(self, **values: Any) -> str:
        """A generation of the project."""
        return self.studio.generation(self.project, **values)

    def place(self, *frames: int | None, **values: Any) -> list[str]:
        """An entry with a new generation at each of these frames."""
        return [self.studio.entry(self.shot, self.generation(), f, **values) for f in frames]

    def lock(self, entry: str) -> None:
        """From now on this entry keeps its frame."""
        self.write(entry, metadata=Jsonb({"locked": True}))

    def write(self, entry: str, **values: Any) -> None:
        """A bare update, as any writer of the table may do."""
        changes = ", ".join(f"{name} = %({name})s" for name in values)
        statement = f"update shot_generations set {changes} where id = %(entry)s"
        self.owner.execute(statement, values | {"entry": entry})

    def call(self, function: str, *arguments: Any, **named: Any) -> list[Row]:
        """What a function of the database returns."""
        marks = ["%s::uuid[]" if is_ids(a) else "%s" for a in arguments]
        marks += [f"{name} => %s" for name in named]
        statement = f"select * from {function}({', '.join(marks)})"
        return self.rows(statement, [*arguments, *named.values()])

    def rows(self, statement: str, arguments: Any = ()) -> list[Row]:
        """The rows of a statement, ids as text."""
        with self.owner.cursor(row_factory=dict_row) as cursor:
            found = cursor.execute(statement, arguments).fetchall()
        return [{k: str(v) if isinstance(v, UUID) else v for k, v in r.items()} for r in found]

    def refused(self, function: str, *arguments: Any) -> tuple[str | None, str | None]:
        """The code and the rule with which a function refuses, having changed nothing."""
        was = self.entries()
        with pytest.raises(psycopg.Error) as error, self.owner.transaction():
            self.call(function, *arguments)
        assert self.entries() == was
        return error.value.sqlstate, error.value.diag.constraint_name

    def entries(self, shot: str | None = None) -> list[Row]:
        """All entries of the shot, placed ones first by position."""
        return self.rows(
            "select * from shot_generations where shot_id = %s"
            " order by position nulls last, created_at, id",
            (shot or self.shot,),
        )

    def line(self, shot: str | None = None) -> list[tuple[str, int]]:
        """Placed entries in order with their frames; their positions must be their ranks."""
        rows = self.entries(shot)
        placed = [row for row in rows if row["timeline_frame"] is not None]
        assert [row["position"] for row in rows] == [
            *range(len(placed)),
            *[None] * (len(rows) - len(placed)),
        ]
        assert placed == sorted(placed, key=lambda row: row["timeline_frame"])
        return [(row["id"], row["timeline_frame"]) for row in placed]

    def frames(self) -> list[int]:
        """The frames of the placed entries in order."""
        return [frame for _, frame in self.line()]

    def order(self) -> list[str]:
        """The placed entries in order."""
        return [entry for entry, _ in self.line()]


def is_ids(argument: Any) -> bool:
    """A list of ids needs its type said, for it may be empty."""
    return isinstance(argument, list) and all(isinstance(item, str) for item in argument)
