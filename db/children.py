"""Children: the segments that a composition is put together from."""

from db import edits
from db.base import Keys
from db.statements import Statement
from db.writing import Writing

hold = edits.held("select * from hold_segments($1::uuid[])", "project_id", "parent_generation_id")

_ATTACH = Statement("select attach_children($1::uuid, $2::uuid[])", ("parent", "ids"), {})


async def attach(session: Writing, parent: str, ids: Keys) -> None:
    """Make generations the segments of a parent, in their order, behind those that it has."""
    session.send(_ATTACH, parent=parent, ids=list(ids))
