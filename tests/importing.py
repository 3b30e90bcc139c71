"""Imports a folder the way the command does, and tells what is in the project afterwards."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import dict_row

from server import importing
from server.importing import Owner
from server.summary import Summary

Row = dict[str, Any]


@dataclass(frozen=True)
class Shelf:
    """A folder to import, a project of somebody's own, and a media folder."""

    folder: Path
    store: Path
    owner: psycopg.Connection[Any]
    gateway_url: str
    user: str
    project: str

    def bring(self, project: str | None = None, user: str | None = None) -> Summary:
        """Import the folder."""
        claims = {"sub": user or self.user, "role": "authenticated"}
        owner = Owner(claims, project or self.project)
        return importing.bring(self.gateway_url, owner, self.store, self.folder)

    def generations(self) -> dict[str, Row]:
        """The generations of the project by name."""
        found = self.rows("select * from generations where project_id = %s order by name")
        return {row["name"]: row for row in found}

    def shots(self) -> list[str]:
        """The shots of the project in order."""
        found = self.rows("select name from shots where project_id = %s order by position")
        return [row["name"] for row in found]

    def places(self) -> list[tuple[str, str, int | None]]:
        """Shot, file and frame of every entry, in order."""
        found = self.rows(
            "select s.name as shot, g.name as file, e.timeline_frame as frame"
            " from shot_generations e"
            " join shots s on s.id = e.shot_id"
            " join generations g on g.id = e.generation_id"
            " where e.project_id = %s order by s.position, e.position nulls last, g.name"
        )
        return [(row["shot"], row["file"], row["frame"]) for row in found]

    def rows(self, statement: str) -> list[Row]:
        """Rows of the project, ids as text."""
        with self.owner.cursor(row_factory=dict_row) as cursor:
            found = cursor.execute(statement, (self.project,)).fetchall()
        return [{k: str(v) if isinstance(v, UUID) else v for k, v in r.items()} for r in found]


def left_out(summary: Summary) -> dict[str, str]:
    """Why files were left out, by the end of their names."""
    return {path.name: why for path, why in summary.skipped}


def fresh(owner: psycopg.Connection[Any], gateway_url: str, folder: Path) -> Shelf:
    """A shelf with a new user and a new project."""
    user, project = str(uuid4()), str(uuid4())
    owner.execute("insert into users (id) values (%s)", (user,))
    owner.execute(
        "insert into projects (id, user_id, name) values (%s, %s, 'Outputs')", (project, user)
    )
    outputs = folder / "outputs"
    outputs.mkdir()
    return Shelf(outputs, folder / "media", owner, gateway_url, user, project)
