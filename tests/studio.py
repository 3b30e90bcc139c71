"""Makes users, projects and what is in them, as given rows of a test."""

from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

Connection = psycopg.Connection[Any]


class Studio:
    """Inserts rows as the database's owner; every call returns the new row's id."""

    def __init__(self, owner: Connection) -> None:
        self.owner = owner

    def insert(self, table: str, **values: Any) -> str:
        """A row of any table that has an id."""
        values = {"id": str(uuid4())} | values
        taken = {name: Jsonb(v) if isinstance(v, dict | list) else v for name, v in values.items()}
        statement = sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, taken)),
            sql.SQL(", ").join(map(sql.Placeholder, taken)),
        )
        self.owner.execute(statement, taken)
        return str(values["id"])

    def user(self, **values: Any) -> str:
        """A user."""
        return self.insert("users", **{"email": f"{uuid4()}@example.com"} | values)

    def project(self, user: str, **values: Any) -> str:
        """A project of a user."""
        return self.insert("projects", **{"user_id": user, "name": "Project"} | values)

    def insert_member(self, project: str, user: str, role: str) -> None:
        """Somebody's part in a project."""
        self.owner.execute(
            "insert into project_members (project_id, user_id, role) values (%s, %s, %s)",
            (project, user, role),
        )

    def generation(self, project: str, **values: Any) -> str:
        """A generation with a location, and so with an original variant."""
        given = {"project_id": project, "type": "image", "location": f"media/{uuid4()}.png"}
        return self.insert("generations", **given | values)

    def variant(self, generation: str, **values: Any) -> str:
        """Another take of a generation."""
        given = {"generation_id": generation, "location": f"media/{uuid4()}.png"}
        given |= {"variant_type": "edit", "project_id": self._project(generation)}
        return self.insert("generation_variants", **given | values)

    def shot(self, project: str, **values: Any) -> str:
        """A shot at the end of a project."""
        return self.insert("shots", **{"project_id": project, "name": "Shot"} | values)

    def entry(self, shot: str, generation: str, frame: int | None = None, **values: Any) -> str:
        """A generation in a shot: placed at a frame, or unpositioned."""
        given = {"shot_id": shot, "generation_id": generation, "timeline_frame": frame}
        given |= {"project_id": self._project(generation)}
        return self.insert("shot_generations", **given | values)

    def _project(self, generation: str) -> str:
        found = self.owner.execute(
            "select project_id::text from generations where id = %s", (generation,)
        )
        return str(found.fetchone()[0])  # type: ignore[index]
