"""Children: how compositions are put together and taken apart."""

from collections.abc import Iterable

from db import children, generations
from db.base import Id
from db.errors import BadInput, NotFound
from db.rows import Row
from db.writing import Writing
from resolvers import items, mutations
from resolvers.generations import KIND
from resolvers.mutations import Outcome


async def attach(
    session: Writing,
    parent_id: Id,
    ids: tuple[Id, ...],
    expected_versions: tuple[int, ...] | None = None,
) -> Outcome:
    """Make generations the segments of another, in this order, behind those that it has."""
    places = items.places_of(ids)
    if parent_id in places:
        raise BadInput("Nothing is a segment of itself.", places[parent_id])
    given = {parent_id: "parentId"} | places
    held = await mutations.held(session, children.hold, KIND, given)
    parent, *segments = held.values()
    for segment in segments:
        if segment.project_id != parent.project_id:
            raise NotFound("There is no such generation in its project.", places[segment.id])
    items.expect(
        held,
        KIND,
        ids,
        expected_versions,
        lambda row: [] if row.parent_generation_id == parent_id else ["parentId"],
    )
    await children.attach(session, parent_id, list(places))
    return _changed(segments, parent_id)


async def detach(
    session: Writing, ids: tuple[Id, ...], expected_versions: tuple[int, ...] | None = None
) -> Outcome:
    """Make segments generations of their own, which galleries show: all of them or none."""
    held = await mutations.held(session, children.hold, KIND, items.places_of(ids))
    items.expect(held, KIND, ids, expected_versions)
    await generations.write(session, list(held), parent_generation_id=None, child_order=None)
    return _changed(held.values())


def _changed(segments: Iterable[Row], *joined: str) -> Outcome:
    left = (segment.parent_generation_id for segment in segments)
    parents = dict.fromkeys((*joined, *filter(None, left)))
    values = {"child_ids": [segment.id for segment in segments], "parent_ids": list(parents)}
    return Outcome("ChildrenChanged", values)
