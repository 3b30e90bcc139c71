"""Derived items: what was made from a generation, whether a generation or an edited take."""

from collections.abc import Mapping

from sqlalchemy import Boolean, DateTime, Text, column
from sqlalchemy import table as view
from sqlalchemy.dialects.postgresql import UUID

from db import relations
from db.base import Columns, Keys
from db.paging import Order
from db.rows import OF_PAGES, Source
from db.session import Session
from db.slices import Page, Slice

table = view(
    "derived_items",
    column("generation_id", UUID(as_uuid=False)),
    column("kind", Text),
    column("id", UUID(as_uuid=False)),
    column("starred", Boolean),
    column("created_at", DateTime(timezone=True)),
)

source = Source("derived_item", table)
_REFERENCE = ("id", "kind")
_STARRED = Order("starred", (table.c.starred, table.c.created_at, table.c.id), descending=True)
_references = relations.paged(source, table.c.generation_id, _STARRED, "")

count_by_generation = relations.counted(table.c.generation_id)


async def by_generation(
    session: Session, ids: Keys, columns: Columns, page: Page
) -> Mapping[str, Slice]:
    """What was made from it: generations and edited takes, starred first, then the newest."""
    asked = tuple(name for name in columns if name in OF_PAGES)
    return await _references(session, ids, (*_REFERENCE, *asked), page)
