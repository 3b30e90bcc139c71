"""How PostgreSQL reads: the plans of the very statements that a GraphQL query sends.

A connection keeps statements prepared, so PostgreSQL may plan them for the values at hand or once
for all values: both plans are shown.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from db.session import Database, Session
from db.statements import Statement
from db.wire import Values
from resolvers.context import Context
from schema import root
from server.transactions import Transactions
from tests.asking import Links

Node = Mapping[str, Any]

PLANNED = ("force_custom_plan", "force_generic_plan")

# What the sets are made of that policies compare rows with.
_SETS = "project_members"
_CLAIM = (
    "select set_config('role', 'authenticated', true),"
    " set_config('request.jwt.claims', %s, true), set_config('plan_cache_mode', %s, true)"
)


@dataclass(frozen=True)
class Plan:
    """What PostgreSQL did for one statement."""

    text: str
    values: tuple[Any, ...]
    top: Node

    @property
    def nodes(self) -> list[Node]:
        """Every step, from the top down."""
        return list(_below(self.top))

    @property
    def whole_tables(self) -> set[str]:
        """The tables that were read from end to end."""
        return {n["Relation Name"] for n in self.nodes if n["Node Type"] == "Seq Scan"}

    @property
    def tables(self) -> set[str]:
        """The tables that were read in any way."""
        return {node["Relation Name"] for node in self.nodes if "Relation Name" in node}

    @property
    def indexes(self) -> set[str]:
        """The indexes that were used."""
        return {node["Index Name"] for node in self.nodes if "Index Name" in node}

    @property
    def buffers(self) -> int:
        """How many blocks were looked at, wherever they were."""
        return int(self.top["Shared Hit Blocks"] + self.top["Shared Read Blocks"])

    @property
    def rows(self) -> float:
        """How many rows were looked at, those that a filter removed as well."""
        return sum(map(_looked_at, self.nodes))

    @property
    def sorts(self) -> list[Node]:
        """The steps that put rows in order, which an index would have given in order."""
        return [node for node in self.nodes if "Sort" in node["Node Type"]]

    @property
    def set_readings(self) -> list[float]:
        """How many times each set was made that rows are compared with."""
        made = (node for node in self.nodes if node.get("Relation Name") == _SETS)
        return [node["Actual Loops"] for node in made]

    def unchecked(self, tables: set[str]) -> list[Node]:
        """The readings of these tables that do not look each row's scope up in a set."""
        readings = (node for node in self.nodes if node.get("Relation Name") in tables)
        return [node for node in readings if "hashed SubPlan" not in node.get("Filter", "")]


@dataclass(frozen=True)
class Explained:
    """An answer, and the plans of the statements that were sent for it."""

    data: Any
    plans: list[Plan]


class Explaining:
    """`await explaining(query, viewer, **variables)`."""

    def __init__(self, database: Database, connection: psycopg.Connection) -> None:
        self._database = database
        self._connection = connection
        self._schema = root.build(Transactions)

    async def __call__(self, query: str, viewer: str, **variables: Any) -> Explained:
        session = _Recorded(self._database, {"sub": viewer, "role": "authenticated"})
        context = Context(viewer, session, Links())
        result = await self._schema.execute(query, variables, context)
        assert not result.errors, result.errors
        plans = [
            explained(self._connection, viewer, text, values, mode)
            for text, values in session.asked
            for mode in PLANNED
        ]
        return Explained(result.data, plans)


def explained(
    connection: psycopg.Connection, viewer: str, text: str, values: tuple[Any, ...], mode: str
) -> Plan:
    """The plan as the viewer, in a transaction that is undone."""
    literals = sql.SQL(", ").join(map(sql.Literal, values))
    execute = sql.SQL("execute asked ({})" if values else "execute asked").format(literals)
    explain = sql.SQL("explain (analyze, buffers, format json) ") + execute
    with connection.transaction(force_rollback=True):
        connection.execute(_CLAIM, (json.dumps({"sub": viewer}), mode))
        connection.execute(b"prepare asked as " + text.encode())
        ((found,),) = connection.execute(explain).fetchall()
        connection.execute("deallocate asked")
    return Plan(text, values, found[0]["Plan"])


class _Recorded(Session):
    """A session that keeps what it is asked, with the values."""

    def __init__(self, database: Database, claims: Mapping[str, Any]) -> None:
        super().__init__(database, claims)
        self.asked: list[tuple[str, tuple[Any, ...]]] = []

    async def fetch(self, statement: Statement, **parameters: Any) -> Values:
        self.asked.append((statement.text, statement.arguments(parameters)))
        return await super().fetch(statement, **parameters)


def _below(node: Node) -> Iterator[Node]:
    yield node
    for part in node.get("Plans", ()):
        yield from _below(part)


def _looked_at(node: Node) -> float:
    if not node["Node Type"].endswith("Scan") or node.get("Relation Name", _SETS) == _SETS:
        return 0
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return float((node["Actual Rows"] + removed) * node["Actual Loops"])
