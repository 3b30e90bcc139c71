"""Children: how compositions are put together and taken apart."""

from collections.abc import Iterable

from db import children, generations
from db.base import Id
from db.errors import BadInput, NotFound
from db.rows import Row
from db.writing import Writing
from resolvers import mutations
from resolvers.generations import KIND
from resolvers.mutations import Outcome


async def attach(session: Writing, parent_id: Id, ids: tuple[Id, ...]) -> Outcome:
    """Make generations the segments of another, in this order, behind those that it has."""
    places = mutations.places_of(ids)
    if parent_id in places:
        raise BadInput("Nothing is a segment of itself.", places[parent_id])
    given = {parent_id: "parentId"} | places
    parent, *segments = (await mutations.held(session, children.hold, KIND, given)).values()
    for segment in segments:
        if segment.project_id != parent.project_id:
            raise NotFound("There is no such generation in its project.", places[segment.id])
    await children.attach(session, parent_id, list(places))
    return _changed(segments, parent_id)


async def detach(session: Writing, ids: tuple[Id, ...]) -> Outcome:
    """Make segments generations of their own, which galleries show: all of them or none."""
    places = mutations.places_of(ids)
    segments = (await mutations.held(session, children.hold, KIND, places)).values()
    await generations.write(session, list(places), parent_generation_id=None, child_order=None)
    return _changed(segments)


def _changed(segments: Iterable[Row], *joined: str) -> Outcome:
    left = (segment.parent_generation_id for segment in segments)
    parents = dict.fromkeys((*joined, *filter(None, left)))
    values = {"child_ids": [segment.id for segment in segments], "parent_ids": list(parents)}
    return Outcome("ChildrenChanged", values)
