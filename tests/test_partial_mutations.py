"""Of several things some may be left out, where the client allows it, who learns which and why."""

from typing import Any
from uuid import uuid4

import pytest

from tests.agreement import primary
from tests.asking import Asking
from tests.making import Making
from tests.studio import Studio

BULK = [("starGenerations", {"starred": True}), ("deleteGenerations", {})]


@pytest.fixture
def making(asking: Asking, studio: Studio) -> Making:
    return Making(asking, studio)


@pytest.mark.parametrize(("name", "more"), BULK)
async def test_what_can_be_changed_is_and_the_rest_is_named(
    name: str, more: dict[str, Any], making: Making, studio: Studio
) -> None:
    first, last = making.generations(2)
    guarded = looked_at(making, studio)
    given = [first, str(uuid4()), guarded, last, first]
    told = await making.told(name, ids=given, partial=True, **more)
    assert changed(told) == [first, last]
    assert told["problems"] == [
        {
            "argument": "input.ids[1]",
            "problem": {
                "__typename": "NotFound",
                "code": "NOT_FOUND",
                "argument": "input.ids[1]",
            },
        },
        {
            "argument": "input.ids[2]",
            "problem": {"__typename": "Refused", "code": "REFUSED", "reason": "READ_ONLY"},
        },
    ]
    kept = studio.owner.execute("select starred from generations where id = %s", (guarded,))
    assert kept.fetchone() == (False,)


@pytest.mark.parametrize(("name", "more"), BULK)
async def test_without_leave_it_is_all_of_them_or_none(
    name: str, more: dict[str, Any], making: Making
) -> None:
    (one,) = making.generations(1)
    told = await making.told(name, ids=[one, str(uuid4())], **more)
    assert (told["code"], told["argument"]) == ("NOT_FOUND", "input.ids[1]")
    assert not (await making.seen(one))["starred"]


async def test_where_nothing_is_left_out_there_are_no_problems(making: Making) -> None:
    some = making.generations(2)
    told = await making.told("starGenerations", ids=some, starred=True, partial=True)
    assert (changed(told), told["problems"]) == (some, [])


async def test_all_may_be_left_out(making: Making) -> None:
    told = await making.told("deleteGenerations", ids=[str(uuid4())], partial=True)
    assert told["deletedIds"] == []
    assert [one["argument"] for one in told["problems"]] == ["input.ids[0]"]


async def test_a_repeat_is_told_what_was_left_out_the_first_time(making: Making) -> None:
    (one,) = making.generations(1)
    given = {"ids": [one, str(uuid4())], "partial": True, "mutationId": str(uuid4())}
    first = await making.told("deleteGenerations", **given)
    assert first["deletedIds"] == [one]
    assert await making.told("deleteGenerations", **given) == first


async def test_takes_are_viewed_one_by_one_too(making: Making, studio: Studio) -> None:
    take = primary(studio, making.generation())
    told = await making.told("markVariantsViewed", ids=[str(uuid4()), take], partial=True)
    assert [one["id"] for one in told["variants"]] == [take]
    assert [one["argument"] for one in told["problems"]] == ["input.ids[0]"]


def looked_at(making: Making, studio: Studio) -> str:
    """A generation that the viewer may look at, but not change."""
    project = studio.project(studio.user())
    studio.owner.execute(
        "insert into project_members (project_id, user_id, role) values (%s, %s, 'viewer')",
        (project, making.viewer),
    )
    return studio.generation(project)


def changed(told: Any) -> list[str]:
    """The ids of what was changed."""
    if "deletedIds" in told:
        found: list[str] = told["deletedIds"]
        return found
    return [one["id"] for one in told["generations"]]
