"""Statements: SQLAlchemy selects, compiled once to text that PostgreSQL reads."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, ParamSpec

from sqlalchemy import BindParameter, Select, bindparam
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.sql.expression import ClauseElement

P = ParamSpec("P")
Selection = Select[*tuple[Any, ...]]

_dialect = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
_KEPT_PER_BUILDER = 512


@dataclass(frozen=True)
class Statement:
    """SQL text with `$1 … $n` and the names of its parameters in that order."""

    text: str
    names: tuple[str, ...]
    constants: dict[str, Any]

    def arguments(self, parameters: dict[str, Any]) -> tuple[Any, ...]:
        """The values for `$1 … $n`."""
        constants = self.constants
        return tuple(
            parameters[name] if name in parameters else constants[name] for name in self.names
        )


def statement(build: Callable[P, ClauseElement]) -> Callable[P, Statement]:
    """A function that builds a select becomes one that returns it compiled, built once."""

    @lru_cache(maxsize=_KEPT_PER_BUILDER)
    @wraps(build)
    def built(*args: P.args, **options: P.kwargs) -> Statement:
        return compiled(build(*args, **options))

    return built  # type: ignore[return-value]


def compiled(clause: ClauseElement) -> Statement:
    """The text of a select and the order of its parameters."""
    result = clause.compile(dialect=_dialect)
    return Statement(
        str(result),
        tuple(getattr(result, "positiontup", None) or ()),
        {name: value for name, value in result.params.items() if value is not None},
    )


def keys() -> BindParameter[Any]:
    """The parents' keys, as one array."""
    return bindparam("keys", type_=ARRAY(UUID(as_uuid=False)))
