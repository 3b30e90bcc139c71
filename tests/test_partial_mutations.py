"""Of several things some may be left out, where the client allows it, who learns which and why."""

from typing import Any
from uuid import uuid4

import pytest

from tests.agreement import primary
from tests.asking import Asking
from tests.making import LEFT, Making
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


async def test_generations_of_other_projects_are_left_out_of_a_shot(
    making: Making, studio: Studio
) -> None:
    shot, one, last = studio.shot(making.project), *making.generations(2)
    strange = studio.generation(studio.project(making.viewer))
    given = {"shotId": shot, "generationIds": [one, strange, str(uuid4()), last]}
    told = await entries_told(making, "addManyToShot", "ShotEntriesAdded", partial=True, **given)
    assert [e["generation"]["id"] for e in told["shotEntries"]] == [one, last]
    assert [p["argument"] for p in told["problems"]] == [
        "input.generationIds[1]",
        "input.generationIds[2]",
    ]
    told = await entries_told(making, "addManyToShot", "ShotEntriesAdded", **given)
    assert told["code"] == "NOT_FOUND"


async def test_entries_that_are_not_in_the_shot_are_left(making: Making, studio: Studio) -> None:
    shot, made = studio.shot(making.project), making.generation()
    inside, outside = studio.entry(shot, made), studio.entry(studio.shot(making.project), made)
    given = {"shotId": shot, "ids": [outside, inside]}
    name, kind = "removeFromShot", "ShotEntriesRemoved"
    assert (await entries_told(making, name, kind, **given))["code"] == "NOT_FOUND"
    told = await entries_told(making, name, kind, partial=True, **given)
    assert told["deletedIds"] == [inside]
    assert [p["argument"] for p in told["problems"]] == ["input.ids[0]"]


async def test_those_that_can_have_their_frames_get_them(making: Making, studio: Studio) -> None:
    shot, made = studio.shot(making.project), making.generation()
    first, second, third, still = (studio.entry(shot, made, n) for n in (0, 10, 20, 30))
    asked = [
        {"id": first, "frame": 10},
        {"id": second, "frame": 0},
        {"id": third, "frame": 30},
        {"id": str(uuid4()), "frame": 40},
        {"id": first, "frame": 50},
    ]
    name, kind = "setEntryFrames", "ShotEntriesChanged"
    told = await entries_told(making, name, kind, shotId=shot, frames=asked, partial=True)
    places = {e["id"]: e["timelineFrame"] for e in told["shotEntries"]}
    assert places == {first: 10, second: 0}
    assert {p["argument"]: p["problem"]["__typename"] for p in told["problems"]} == {
        "input.frames[2]": "ValidationFailed",
        "input.frames[3]": "NotFound",
        "input.frames[4]": "ValidationFailed",
    }
    kept = studio.owner.execute(
        "select id::text, timeline_frame from shot_generations where id = any (%s)",
        ([third, still],),
    )
    assert dict(kept.fetchall()) == {third: 20, still: 30}


async def test_who_waits_for_a_frame_that_stays_taken_is_left_too(
    making: Making, studio: Studio
) -> None:
    shot, made = studio.shot(making.project), making.generation()
    first, second, _ = (studio.entry(shot, made, n) for n in (0, 10, 30))
    asked = [{"id": first, "frame": 10}, {"id": second, "frame": 30}]
    name, kind = "setEntryFrames", "ShotEntriesChanged"
    told = await entries_told(making, name, kind, shotId=shot, frames=asked, partial=True)
    assert told["shotEntries"] == []
    assert len(told["problems"]) == 2


async def test_those_that_are_of_another_version_by_now_keep_their_frames(
    making: Making, studio: Studio
) -> None:
    shot, made = studio.shot(making.project), making.generation()
    first, second = (studio.entry(shot, made, n) for n in (0, 10))
    asked = [
        {"id": first, "frame": 40, "expectedVersion": 7},
        {"id": second, "frame": 50, "expectedVersion": 1},
    ]
    name, kind = "setEntryFrames", "ShotEntriesChanged"
    told = await entries_told(making, name, kind, shotId=shot, frames=asked, partial=True)
    assert {e["id"]: e["timelineFrame"] for e in told["shotEntries"]} == {second: 50}
    (left,) = told["problems"]
    assert left["argument"] == "input.frames[0]"
    assert left["problem"]["__typename"] == "Conflict"
    kept = studio.owner.execute(
        "select timeline_frame from shot_generations where id = %s", (first,)
    )
    assert kept.fetchone() == (0,)


async def entries_told(making: Making, name: str, kind: str, **given: Any) -> Any:
    """What a mutation of entries came to."""
    entries = "shotEntries { id timelineFrame generation { id } }"
    more = " deletedIds" if kind == "ShotEntriesRemoved" else ""
    text = f"""mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{
      __typename ... on Problem {{ code }}
      ... on {kind} {{ {entries}{more} {LEFT} }} }} }}"""
    return (await making.asking(text, making.viewer, input=given))[name]
