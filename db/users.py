"""People, as their tokens introduce them."""

from dataclasses import dataclass

from sqlalchemy import Column, Integer, Numeric, Table, Text

from db import base, relations
from db.rows import Row, Source, record
from db.statements import Statement
from db.writing import Writing

table = Table(
    "users",
    base.metadata,
    base.key(),
    Column("email", Text),
    Column("name", Text),
    Column("avatar_url", Text),
    base.jsonb("settings", "{}"),
    base.jsonb("onboarding", "{}"),
    Column("credits", Numeric(12, 3), nullable=False, server_default="0"),
    Column("version", Integer, nullable=False, server_default="1"),
    *base.times(),
)

source = Source("user", table)

by_id = relations.by_id(source, "Somebody who makes images and videos.")

_HELD = Statement(
    "select id::text, version from users where id = viewer_id() for no key update", (), {}
)
_CHANGE = Statement(
    "select change_onboarding($1, $2, $3::boolean, $4)",
    ("step", "next_step", "is_last", "tip"),
    {},
)
_Held = record("user", ("id", "version"))


@dataclass(frozen=True)
class OnboardingChange:
    """What changes: a step is done, or a tip dismissed; with neither all begins anew."""

    step: str | None = None
    next_step: str | None = None
    is_last: bool = False
    tip: str | None = None


async def held(session: Writing) -> Row:
    """The viewer's id and version, which stay as they are until this transaction ends."""
    (values,) = await session.fetch(_HELD)
    return _Held(values)


async def change_onboarding(session: Writing, change: OnboardingChange) -> None:
    """Change how far the viewer is in getting to know the application."""
    session.send(_CHANGE, **vars(change))
