"""Compositions are put together from segments, in order, and never contain themselves."""

import asyncio
from itertools import pairwise
from random import Random
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.asking import Asking
from tests.making import Making, echoes
from tests.studio import Studio

ORDER = """
query ($id: ID!) { generation(id: $id) {
  children { totalCount { value } nodes { id childOrder isChild } }
} }
"""


@pytest.fixture
def making(asking: Asking, studio: Studio) -> Making:
    return Making(asking, studio)


async def segments(making: Making, parent: str) -> list[tuple[str, int]]:
    """The segments of a parent with their places."""
    answer = await making.asking(ORDER, making.viewer, id=parent)
    nodes = answer["generation"]["children"]["nodes"]
    return [(node["id"], node["childOrder"]) for node in nodes]


def kept(studio: Studio, parent: str) -> Any:
    """The list of its segments that a parent keeps."""
    found = studio.owner.execute("select children from generations where id = %s", (parent,))
    return found.fetchone()[0]  # type: ignore[index]


async def test_segments_follow_one_another_as_given_behind_those_that_are_there(
    making: Making, studio: Studio
) -> None:
    parent, a, b, c = making.generations(4)
    await making.told("attachChildren", parentId=parent, ids=[b])
    told = await making.told("attachChildren", parentId=parent, ids=[c, a, c])
    assert [one["id"] for one in told["children"]] == [c, a]
    assert [one["id"] for one in told["parents"]] == [parent]
    assert await segments(making, parent) == [(b, 0), (c, 1), (a, 2)]
    assert kept(studio, parent) == [
        {"id": b, "order": 0},
        {"id": c, "order": 1},
        {"id": a, "order": 2},
    ]


async def test_all_of_them_again_are_put_in_another_order(making: Making) -> None:
    parent, a, b, c = making.generations(4)
    await making.told("attachChildren", parentId=parent, ids=[a, b, c])
    await making.told("attachChildren", parentId=parent, ids=[c, b, a])
    assert await segments(making, parent) == [(c, 0), (b, 1), (a, 2)]


async def test_those_that_leave_another_parent_show_it_as_changed(
    making: Making, studio: Studio
) -> None:
    first, second, a, b = making.generations(4)
    await making.told("attachChildren", parentId=first, ids=[a, b])
    told = await making.told("attachChildren", parentId=second, ids=[b])
    assert [one["id"] for one in told["parents"]] == [second, first]
    assert (await segments(making, first), await segments(making, second)) == (
        [(a, 0)],
        [(b, 0)],
    )
    assert kept(studio, first) == [{"id": a, "order": 0}]


async def test_the_detached_are_generations_of_their_own(making: Making, studio: Studio) -> None:
    parent, a, b = making.generations(3)
    await making.told("attachChildren", parentId=parent, ids=[a, b])
    told = await making.told("detachChildren", ids=[a])
    assert [one["id"] for one in told["children"]] == [a]
    assert [one["id"] for one in told["parents"]] == [parent]
    assert await segments(making, parent) == [(b, 1)]
    answer = await making.asking(
        "query ($id: ID!) { generation(id: $id) { isChild childOrder parent { id } } }",
        making.viewer,
        id=a,
    )
    assert answer["generation"] == {"isChild": False, "childOrder": None, "parent": None}
    again = await making.told("detachChildren", ids=[a])
    assert again["parents"] == []


async def test_nothing_is_a_segment_of_itself(making: Making) -> None:
    parent, a = making.generations(2)
    told = await making.told("attachChildren", parentId=parent, ids=[a, parent])
    assert [issue["argument"] for issue in told["issues"]] == ["input.ids[1]"]


async def test_no_circle_closes_however_long(making: Making) -> None:
    made = making.generations(5)
    for parent, child in pairwise(made):
        await making.told("attachChildren", parentId=parent, ids=[child])
    told = await making.told("attachChildren", parentId=made[-1], ids=[made[0]])
    assert [issue["argument"] for issue in told["issues"]] == ["input.ids"]
    assert await segments(making, made[-1]) == []


async def test_no_circle_closes_between_writers(making: Making, studio: Studio) -> None:
    made = making.generations(6)

    async def attach(writer: int) -> None:
        random = Random(writer)
        for _ in range(12):
            parent, *some = random.sample(made, 3)
            told = await making.told("attachChildren", parentId=parent, ids=some)
            assert told["__typename"] in ("ChildrenChanged", "ValidationFailed")

    await asyncio.gather(*(attach(writer) for writer in range(8)))
    circles = studio.owner.execute(
        "with recursive above (start, id) as ("
        "  select id, parent_generation_id from generations where project_id = %s"
        "  union select a.start, g.parent_generation_id"
        "  from above a join generations g on g.id = a.id"
        ") select start from above where start = id",
        (making.project,),
    ).fetchall()
    assert circles == []
    for one in made:
        assert [node["id"] for node in kept(studio, one)] == [
            id for id, _ in await segments(making, one)
        ]


async def test_what_lies_in_another_project_is_as_good_as_none(
    making: Making, studio: Studio
) -> None:
    parent, a = making.generations(2)
    elsewhere = studio.generation(studio.project(making.viewer))
    told = await making.told("attachChildren", parentId=parent, ids=[a, elsewhere])
    assert (told["code"], told["argument"]) == ("NOT_FOUND", "input.ids[1]")
    assert await segments(making, parent) == []


@pytest.mark.parametrize("name", ["attachChildren", "detachChildren"])
@pytest.mark.parametrize("ids", [[], [str(uuid4())] * 501])
async def test_lists_that_cannot_be_taken_name_their_argument(
    making: Making, name: str, ids: list[str]
) -> None:
    given = {"parentId": making.generation()} if name == "attachChildren" else {}
    told = await making.told(name, ids=ids, **given)
    assert [issue["argument"] for issue in told["issues"]] == ["input.ids"]


async def test_a_guest_puts_nothing_together(making: Making) -> None:
    parent, a = making.generations(2)
    guest = making.guest()
    for name, given in (("attachChildren", {"parentId": parent}), ("detachChildren", {})):
        told = await making.told(name, guest, ids=[a], **given)
        assert (told["code"], told["reason"]) == ("REFUSED", "READ_ONLY")


async def test_five_hundred_are_attached_at_once(making: Making) -> None:
    parent, *many = making.generations(501)
    told = await making.told("attachChildren", parentId=parent, ids=many)
    assert [one["id"] for one in told["children"]] == many


async def test_followers_are_told_what_to_load_again(
    making: Making, owner: psycopg.Connection
) -> None:
    parent, a = making.generations(2)
    with echoes(owner, "generations"):
        await making.told("attachChildren", parentId=parent, ids=[a])
        await making.told("detachChildren", ids=[a])
        told = owner.execute("select reason, scopes from echoes").fetchall()
    assert told == [("metadata-update", "IMAGES,METADATA,COUNTS,UNIFIED")] * 2
