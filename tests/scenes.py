"""Whom mutations are tried on: who may change things, who may not, and all they could spoil."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from inspect import isawaitable
from typing import Any

import psycopg
from graphql import execute
from psycopg import sql

from db import base
from resolvers.context import Context
from server import errors
from server.documents import Documents
from server.limits import Limits
from tests import attacks, clusters
from tests.asking import Asking, Links
from tests.attacks import SCHEMA
from tests.clusters import Ids
from tests.studio import Studio

BATCH = 50


class Scene:
    """A viewer with many projects, a stranger with one, and all they could spoil."""

    def __init__(self, owner: psycopg.Connection[Any], asking: Asking) -> None:
        studio = Studio(owner)
        self.owner, self.asking = owner, asking
        self.viewer, self.stranger = studio.user(), studio.user()
        self.theirs = clusters.fill(owner, self.stranger, 1) | {"User": [self.stranger]}
        self._unused: list[Ids] = []
        self._documents = Documents(SCHEMA._schema, Limits(), True, True)

    def fresh(self) -> Ids:
        """The ids of what is in a project of the viewer's that nobody has touched."""
        if not self._unused:
            made = clusters.fill(self.owner, self.viewer, BATCH)
            self._unused = [{k: [ids[n]] for k, ids in made.items()} for n in range(BATCH)]
        return self._unused.pop() | self._elsewhere()

    def _elsewhere(self) -> Ids:
        """A project that the viewer has joined, and an invitation of theirs to it."""
        studio = Studio(self.owner)
        project = studio.project(studio.user())
        address, until = f"{self.viewer}@example.org", datetime(9999, 1, 1, tzinfo=UTC)
        joined = {"project_id": project, "role": "viewer"}
        studio.insert("project_members", user_id=self.viewer, **joined)
        invited = studio.insert("project_invitations", email=address, expires_at=until, **joined)
        return {"Joined": [project], "Invited": [invited]}

    def guest(self) -> str:
        """Somebody who may look at the stranger's project, but change nothing."""
        made = Studio(self.owner).user()
        self.owner.execute(
            "insert into project_members (project_id, user_id, role) values (%s, %s, 'viewer')",
            (self.theirs["Project"][0], made),
        )
        return made

    def await_upload(self, ids: Ids) -> None:
        """Let the file of a project be on its way."""
        self.owner.execute(
            "update assets set status = 'pending' where id = any (%s::uuid[])", (ids["Asset"],)
        )

    def of_somebody(self) -> Ids:
        """The ids of what is in a project of somebody who is in no other test."""
        return clusters.fill(self.owner, Studio(self.owner).user(), 1)

    async def ask(self, name: str, given: Any, viewer: str | None = None) -> Any:
        """What a mutation came to: its payload, or the error that stands for it."""
        text, viewer = attacks.text(name), viewer or self.viewer
        claims = {"sub": viewer, "role": "authenticated", "email": f"{viewer}@example.org"}
        session = self.asking.database.session(claims)
        context = Context(viewer, session, Links())
        node: Any = self._documents.read(text).node
        executed: Any = execute(
            SCHEMA._schema, node, context_value=context, variable_values={"input": given}
        )
        result = await executed if isawaitable(executed) else executed
        await context.session.end()
        if not result.errors:
            assert result.data
            return result.data[name]
        found = list(errors.formatted(result.errors))
        messages = " ".join(error["message"] for error in found)
        return {"error": messages, "code": found[0]["extensions"].get("code")}

    def theirs_now(self) -> Any:
        """All that the stranger has."""
        return self.state(self.theirs["Project"], self.stranger)

    def state(self, projects: Sequence[str], user: str) -> Any:
        """All that is in projects and of a user, table by table."""
        given = {"project_id": list(projects), "user_id": [user]}
        return dict(self.owner.execute(_STATE, given).fetchall())


def _everything() -> Iterator[sql.Composable]:
    """A digest of each table's rows that are of some projects, or of some users."""
    for name, table in base.metadata.tables.items():
        ways = [column for column in ("project_id", "user_id") if column in table.c]
        pairs = [(column, column) for column in ways]
        pairs += {"users": [("id", "user_id")], "projects": [("id", "project_id")]}.get(name, [])
        if pairs and name != "mutation_results":
            yield sql.SQL(
                "select {name}, md5(string_agg(t::text, ',' order by t::text)) from {table} t"
                " where {where}"
            ).format(
                name=sql.Literal(name),
                table=sql.Identifier(name),
                where=sql.SQL(" or ").join(
                    sql.SQL("{} = any ({}::uuid[])").format(
                        sql.Identifier(column), sql.Placeholder(whose)
                    )
                    for column, whose in pairs
                ),
            )


_STATE = sql.SQL(" union all ").join(_everything())
