"""Making: what is made sure of before something new is made."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from db import projects
from db.errors import Conflict, NotFound, Reason, Reference, Refused
from db.rows import Row
from db.writing import Writing

Find = Callable[[Writing, Sequence[str], tuple[str, ...]], Awaitable[Mapping[str, Row]]]


async def hold_project(session: Writing, id: str, argument: str = "projectId") -> None:
    """Make sure that the viewer may make things in a project."""
    found = (await projects.hold_to_fill(session, [id])).get(id)
    if found is None:
        raise NotFound("There is no such project.", argument)
    if not found.writable:
        message = "Only editors and owners of a project make things in it."
        raise Refused(Reason.READ_ONLY, message, argument)


async def refuse_known(session: Writing, find: Find, kind: str, id: str | None) -> None:
    """Refuse to make what is there already, as far as the viewer may see it."""
    if id is not None and await find(session, [id], ("id",)):
        raise Conflict("There is one with this id already.", Reference(kind, id))
