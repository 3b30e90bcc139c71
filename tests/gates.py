"""Gates: whoever writes waits at their first statement that does, until the gates are opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from db import base

_KEY = 2026
# Who holds the key exclusively has closed the gates; only those in somebody's name wait.
_GATE = f"""
create or replace function gate() returns trigger language plpgsql security definer as $$
begin
  if coalesce(current_setting('request.jwt.claims', true), '') <> '' then
    perform pg_advisory_xact_lock_shared({_KEY});
  end if;
  return null;
end;
$$
"""
_HUNG = """
create or replace trigger a_gate before insert or update or delete on {}
for each statement execute function gate()
"""


@contextmanager
def hung(owner: psycopg.Connection[Any]) -> Iterator[None]:
    """While this is open, there is a gate before every table."""
    gate: Any = _GATE
    owner.execute(gate)
    for name in base.metadata.tables:
        owner.execute(sql.SQL(_HUNG).format(sql.Identifier(name)))
    try:
        yield
    finally:
        owner.execute("drop function gate() cascade")


def close(other: psycopg.Connection[Any]) -> None:
    """Keep them closed until this transaction ends."""
    other.execute("select pg_advisory_xact_lock(%s)", (_KEY,))
