"""Shots are made, named, copied, moved and deleted; whatever moves with them is told."""

import asyncio
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.asking import Asking
from tests.making import echoes
from tests.producing import Producing, issues, mutation, refusal
from tests.studio import Studio

WRITERS = 12
ENTRIES = """
query ($id: ID!) { shot(id: $id) { entries(first: 500) {
  nodes { position timelineFrame generation { id } metadata { pairPrompt } } } } }
"""
UNKNOWN = str(uuid4())
CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("updateShot", {"name": "x"}),
    ("moveShot", {"position": 0}),
    ("duplicateShot", {}),
]


@pytest.fixture
def scene(asking: Asking, studio: Studio) -> Producing:
    return Producing(asking, studio)


async def entries(scene: Producing, shot: str) -> list[tuple[int | None, str]]:
    """The frames and generations of a shot."""
    found = (await scene.asking(ENTRIES, scene.viewer, id=shot))["shot"]["entries"]["nodes"]
    return [(one["timelineFrame"], one["generation"]["id"]) for one in found]


async def test_a_shot_is_made_at_the_end(scene: Producing) -> None:
    scene.shots("a b")
    told = await scene.told("createShot", projectId=scene.project, name=" c ")
    assert told["shot"] == {
        "id": told["shot"]["id"],
        "name": " c ",
        "position": 2,
        "aspectRatio": None,
        "version": 1,
        "project": {"id": scene.project},
    }
    assert told["shots"] == [told["shot"]]


async def test_a_shot_that_is_put_between_others_tells_who_made_room(scene: Producing) -> None:
    scene.shots("a b c")
    given: dict[str, Any] = {"name": "new", "position": 1, "aspectRatio": "21:9"}
    told = await scene.told("createShot", projectId=scene.project, **given)
    assert [(one["name"], one["position"]) for one in told["shots"]] == [
        ("new", 1),
        ("b", 2),
        ("c", 3),
    ]
    assert told["shots"] == (await scene.in_order())[1:]
    assert told["shot"]["aspectRatio"] == "21:9"


async def test_a_position_beyond_the_end_is_the_end(scene: Producing) -> None:
    scene.shots("a")
    await scene.told("createShot", projectId=scene.project, name="b", position=2**31 - 1)
    assert await scene.names() == "a b"


async def test_the_client_may_choose_the_id_once(scene: Producing) -> None:
    chosen = str(uuid4())
    given: dict[str, Any] = {"projectId": scene.project, "id": chosen}
    made = await scene.told("createShot", name="a", **given)
    again = await scene.told("createShot", name="b", **given)
    assert (made["shot"]["id"], again["code"]) == (chosen, "CONFLICT")
    assert again["current"] == {"__typename": "Shot"} | made["shot"]
    assert await scene.names() == "a"


@pytest.mark.parametrize("name", ["createShot", "duplicateShot"])
async def test_an_id_of_another_studio_is_taken_but_not_shown(scene: Producing, name: str) -> None:
    theirs = Producing(scene.asking, scene.studio).shots("theirs")["theirs"]
    own = scene.shots("a")["a"]
    given: dict[str, dict[str, Any]] = {
        "createShot": {"projectId": scene.project, "name": "b", "id": theirs},
        "duplicateShot": {"id": own, "copyId": theirs},
    }
    told = await scene.told(name, **given[name])
    assert (told["code"], told["current"]) == ("CONFLICT", None)
    assert await scene.names() == "a"


async def test_images_follow_one_another_on_the_new_timeline(scene: Producing) -> None:
    first, second = (scene.studio.generation(scene.project) for _ in range(2))
    images = [second, first, second]
    told = await scene.told("createShot", projectId=scene.project, name="a", generationIds=images)
    assert await entries(scene, told["shot"]["id"]) == [(0, second), (81, first), (162, second)]


async def test_five_hundred_images_cost_what_one_costs(scene: Producing) -> None:
    image = scene.studio.generation(scene.project)
    counts = []
    for number in (1, 500):
        given = {"projectId": scene.project, "name": "a", "generationIds": [image] * number}
        answer = await scene.asking(mutation("createShot"), scene.viewer, input=given)
        made = answer["createShot"]["shot"]["id"]
        assert len(await entries(scene, made)) == number
        counts.append(len(answer.statements))
    assert counts[0] == counts[1]


async def test_an_image_that_is_not_of_the_project_makes_no_shot(scene: Producing) -> None:
    own = scene.studio.generation(scene.project)
    elsewhere = scene.studio.generation(scene.studio.project(scene.viewer))
    theirs = scene.studio.generation(scene.studio.project(scene.studio.user()))
    told = [
        await scene.told("createShot", projectId=scene.project, name="a", generationIds=[own, one])
        for one in (elsewhere, theirs, UNKNOWN)
    ]
    assert told[0] == told[1] == told[2]
    assert refusal(told[0]) == ("NOT_FOUND", "input.generationIds[1]")
    assert await scene.names() == ""


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"name": ""}, "name"),
        ({"name": " \n"}, "name"),
        ({"name": "x" * 501}, "name"),
        ({"position": -1}, "position"),
        ({"aspectRatio": "16"}, "aspectRatio"),
        ({"aspectRatio": "0:9"}, "aspectRatio"),
        ({"aspectRatio": "16:9 "}, "aspectRatio"),
        ({"aspectRatio": "١٦:٩"}, "aspectRatio"),
        ({"generationIds": [UNKNOWN] * 501}, "generationIds"),
    ],
)
async def test_a_shot_that_cannot_be_is_not_made(
    scene: Producing, given: dict[str, Any], argument: str
) -> None:
    told = await scene.told("createShot", **{"projectId": scene.project, "name": "a"} | given)
    assert issues(told) == [f"input.{argument}"]
    assert await scene.names() == ""


async def test_a_name_of_five_hundred_characters_is_kept_and_copied(scene: Producing) -> None:
    given: dict[str, Any] = {"projectId": scene.project, "name": "🦊" * 500}
    made = (await scene.told("createShot", **given))["shot"]
    copy = (await scene.told("duplicateShot", id=made["id"]))["shot"]
    assert made["name"] == "🦊" * 500
    assert copy["name"] == "🦊" * 493 + " (copy)"


async def test_what_is_not_given_stays_and_null_takes_the_shape_away(scene: Producing) -> None:
    shot = scene.studio.shot(scene.project, name="a", aspect_ratio="16:9")
    seen = []
    for given in ({"name": "b"}, {"aspectRatio": "1:1", "name": None}, {"aspectRatio": None}, {}):
        told = (await scene.told("updateShot", id=shot, **given))["shot"]
        seen.append((told["name"], told["aspectRatio"], told["version"]))
    assert seen == [("b", "16:9", 2), ("b", "1:1", 3), ("b", None, 4), ("b", None, 4)]


async def test_another_version_than_expected_is_a_conflict_that_shows_the_shot(
    scene: Producing,
) -> None:
    shot = scene.studio.shot(scene.project, name="a")
    await scene.told("updateShot", id=shot, name="b", expectedVersion=1)
    given = {"name": "c", "aspectRatio": None, "expectedVersion": 1}
    late = await scene.told("updateShot", id=shot, **given)
    moved = await scene.told("moveShot", id=shot, position=3, expectedVersion=1)
    assert late["changedFields"] == ["name"]
    assert moved["changedFields"] == ["position"]
    (now,) = await scene.in_order()
    assert late["current"] == moved["current"] == {"__typename": "Shot"} | now
    assert now["name"] == "b"


async def test_another_order_than_the_one_that_is_known_is_not_overwritten(
    scene: Producing,
) -> None:
    a, b = (scene.studio.shot(scene.project, name=name) for name in "ab")
    given = {"projectId": scene.project, "ids": [b, a]}
    known = [one["version"] for one in (await scene.in_order())[::-1]]
    await scene.told("updateShot", id=a, name="c")
    late = await scene.told("reorderShots", **given, expectedVersions=known)
    assert (late["changedFields"], late["current"]["name"]) == (["ids"], "c")
    assert [one["name"] for one in await scene.in_order()] == ["c", "b"]
    known = [one["version"] for one in (await scene.in_order())[::-1]]
    told = await scene.told("reorderShots", **given, expectedVersions=known)
    assert told["__typename"] == "ShotsMoved"
    late = await scene.told("reorderShots", **given, expectedVersions=known)
    assert (late["__typename"], late["changedFields"]) == ("Conflict", [])


@pytest.mark.parametrize(
    ("shot", "position", "order", "moved"),
    [
        ("a", 2, "b c a d", "b c a"),
        ("d", 0, "d a b c", "d a b c"),
        ("b", 99, "a c d b", "c d b"),
        ("b", 1, "a b c d", ""),
        ("d", 99, "a b c d", ""),
    ],
)
async def test_a_shot_moves_and_tells_who_moved_with_it(
    scene: Producing, shot: str, position: int, order: str, moved: str
) -> None:
    made = scene.shots("a b c d")
    told = await scene.told("moveShot", id=made[shot], position=position)
    assert await scene.names() == order
    assert " ".join(one["name"] for one in told["shots"]) == moved
    now = {one["id"]: one for one in await scene.in_order()}
    assert told["shots"] == [now[one["id"]] for one in told["shots"]]
    assert (now[made[shot]]["version"] == 1) is (moved == "")


async def test_named_shots_take_their_positions_in_another_order(scene: Producing) -> None:
    made = scene.shots("a b c d")
    ids = [made[name] for name in "dba"]
    told = await scene.told("reorderShots", projectId=scene.project, ids=ids)
    assert await scene.names() == "d b c a"
    assert [one["name"] for one in told["shots"]] == ["d", "a"]
    again = await scene.told("reorderShots", projectId=scene.project, ids=ids)
    assert again["shots"] == []


async def test_shots_of_elsewhere_are_not_put_in_order(scene: Producing) -> None:
    made = scene.shots("a b")
    elsewhere = scene.studio.shot(scene.studio.project(scene.viewer))
    theirs = scene.studio.shot(scene.studio.project(scene.studio.user()))
    told = [
        await scene.told("reorderShots", projectId=scene.project, ids=[made["b"], one, made["a"]])
        for one in (elsewhere, theirs, UNKNOWN)
    ]
    assert told[0] == told[1] == told[2]
    assert refusal(told[0]) == ("NOT_FOUND", "input.ids[1]")
    twice = [made["b"], made["a"], made["b"].upper()]
    told = await scene.told("reorderShots", projectId=scene.project, ids=twice)
    assert issues(told) == ["input.ids"]
    assert await scene.names() == "a b"


async def test_a_copy_sits_behind_its_original_with_its_entries(scene: Producing) -> None:
    made = scene.shots("a b")
    images = [scene.studio.generation(scene.project) for _ in range(2)]
    scene.studio.entry(made["a"], images[0], 30, metadata={"pair_prompt": "slow"})
    scene.studio.entry(made["a"], images[1])
    chosen = str(uuid4())
    told = await scene.told("duplicateShot", id=made["a"], copyId=chosen)
    assert told["shot"]["id"] == chosen
    assert [one["name"] for one in told["shots"]] == ["a (copy)", "b"]
    assert await entries(scene, chosen) == [(30, images[0]), (None, images[1])]
    again = await scene.told("duplicateShot", id=made["a"], copyId=chosen)
    assert (again["code"], again["current"]["id"]) == ("CONFLICT", chosen)
    placed = await scene.told("duplicateShot", id=made["a"], placedOnly=True)
    assert await entries(scene, placed["shot"]["id"]) == [(30, images[0])]


async def test_the_deleted_are_gone_and_the_others_close_up(scene: Producing) -> None:
    made = scene.shots("a b c d e")
    image = scene.studio.generation(scene.project)
    scene.studio.entry(made["b"], image, 0)
    ids = [made["d"], made["b"], made["d"].upper()]
    told = await scene.told("deleteShots", ids=ids)
    assert told["deletedIds"] == ids[:2]
    assert [(one["name"], one["position"]) for one in told["shots"]] == [("c", 1), ("e", 2)]
    assert await scene.names() == "a c e"
    read = "query ($id: ID!) { generation(id: $id) { shotData } }"
    kept = (await scene.asking(read, scene.viewer, id=image))["generation"]
    assert kept == {"shotData": {}}


async def test_shots_of_two_projects_are_deleted_at_once(scene: Producing) -> None:
    made = scene.shots("a b")
    other = scene.studio.project(scene.viewer)
    elsewhere = [scene.studio.shot(other, name=name) for name in ("x", "y")]
    told = await scene.told("deleteShots", ids=[made["a"], elsewhere[0]])
    assert {(one["name"], one["position"]) for one in told["shots"]} == {("b", 0), ("y", 0)}


async def test_one_that_is_missing_or_not_theirs_to_change_stops_all(scene: Producing) -> None:
    made = scene.shots("a b")
    other = Producing(scene.asking, scene.studio)
    theirs = other.shots("x")["x"]
    for one in (theirs, UNKNOWN):
        told = await scene.told("deleteShots", ids=[made["a"], one])
        assert refusal(told) == ("NOT_FOUND", "input.ids[1]")
    guest = scene.member("viewer")
    own = scene.studio.shot(scene.studio.project(guest))
    told = await scene.told("deleteShots", guest, ids=[own, made["a"]])
    assert refusal(told) == ("REFUSED", "READ_ONLY")
    assert await scene.names() == "a b"
    assert await other.names() == "x"


async def test_those_that_can_be_are_deleted_where_the_client_allows_it(scene: Producing) -> None:
    made = scene.shots("a b")
    theirs = Producing(scene.asking, scene.studio).shots("x")["x"]
    told = await scene.told("deleteShots", ids=[theirs, made["a"]], partial=True)
    assert told["deletedIds"] == [made["a"]]
    assert told["problems"] == [{"argument": "input.ids[0]", "problem": {"code": "NOT_FOUND"}}]
    assert await scene.names() == "b"


@pytest.mark.parametrize(("name", "given"), CHANGES)
async def test_a_stranger_finds_no_shot_and_a_guest_changes_none(
    scene: Producing, name: str, given: dict[str, Any]
) -> None:
    shot, stranger = scene.shots("a")["a"], scene.studio.user()
    before = await scene.in_order()
    told = [await scene.told(name, stranger, id=one, **given) for one in (shot, UNKNOWN)]
    assert told[0] == told[1]
    assert refusal(told[0]) == ("NOT_FOUND", "input.id")
    told = await scene.told(name, scene.member("viewer"), id=shot, **given)
    assert refusal(told) == ("REFUSED", "READ_ONLY")
    assert await scene.in_order() == before


@pytest.mark.parametrize("name", ["createShot", "reorderShots"])
async def test_a_project_of_others_gets_no_shots_and_no_order(scene: Producing, name: str) -> None:
    made = scene.shots("a b")
    given: dict[str, Any] = {"name": "c"} if name == "createShot" else {"ids": [made["b"]]}
    stranger, guest = scene.studio.user(), scene.member("viewer")
    places = (scene.project, UNKNOWN)
    told = [await scene.told(name, stranger, projectId=one, **given) for one in places]
    assert told[0] == told[1]
    assert refusal(told[0]) == ("NOT_FOUND", "input.projectId")
    told = await scene.told(name, guest, projectId=scene.project, **given)
    assert refusal(told) == ("REFUSED", "READ_ONLY")
    assert await scene.names() == "a b"


async def test_an_editor_makes_and_deletes_shots(scene: Producing) -> None:
    editor = scene.member("editor")
    told = await scene.told("createShot", editor, projectId=scene.project, name="a")
    assert await scene.names() == "a"
    await scene.told("deleteShots", editor, ids=[told["shot"]["id"]])
    assert await scene.names() == ""


async def test_shots_made_at_one_position_at_once_all_stand_somewhere(scene: Producing) -> None:
    scene.shots("a b")
    told = await asyncio.gather(
        *(
            scene.told("createShot", projectId=scene.project, name=f"{n}", position=1)
            for n in range(WRITERS)
        )
    )
    assert {one["__typename"] for one in told} == {"ShotCreated"}
    names = (await scene.names()).split()
    assert (names[0], names[-1]) == ("a", "b")
    assert sorted(names[1:-1], key=int) == [f"{n}" for n in range(WRITERS)]


async def test_one_id_at_once_is_made_once(scene: Producing) -> None:
    given: dict[str, Any] = {"projectId": scene.project, "id": str(uuid4())}
    told = await asyncio.gather(
        *(scene.told("createShot", name=f"{n}", **given) for n in range(WRITERS))
    )
    (winner,) = (one["shot"] for one in told if one["__typename"] == "ShotCreated")
    losers = [one["current"] for one in told if one["__typename"] == "Conflict"]
    assert losers == [{"__typename": "Shot"} | winner] * (WRITERS - 1)


async def test_whatever_moves_shots_at_once_leaves_a_dense_order(scene: Producing) -> None:
    made = scene.shots("a b c d e f")

    async def work(writer: int) -> None:
        ids = [*made.values()][writer % 3 :: 2]
        for turn in range(3):
            turns: list[tuple[str, dict[str, Any]]] = [
                ("createShot", {"projectId": scene.project, "name": "x", "position": turn}),
                ("reorderShots", {"projectId": scene.project, "ids": ids[::-1]}),
                ("moveShot", {"id": ids[turn % 2], "position": writer}),
                ("duplicateShot", {"id": ids[0]}),
            ]
            name, given = turns[writer % 4]
            told = await scene.told(name, **given)
            assert told["__typename"] in ("ShotCreated", "ShotsMoved")

    await asyncio.gather(*(work(writer) for writer in range(WRITERS)))
    assert len(await scene.in_order()) == 6 + 3 * WRITERS // 2


async def test_a_repeat_makes_no_second_shot(scene: Producing) -> None:
    given: dict[str, Any] = {"projectId": scene.project, "name": "a", "mutationId": str(uuid4())}
    told = [await scene.told("createShot", **given) for _ in range(2)]
    assert told[0] == told[1]
    assert await scene.names() == "a"


async def test_null_and_left_out_are_different_input(scene: Producing) -> None:
    shot = scene.studio.shot(scene.project, aspect_ratio="16:9")
    given: dict[str, Any] = {"id": shot, "name": "a", "mutationId": str(uuid4())}
    await scene.told("updateShot", **given)
    told = await scene.told("updateShot", **given, aspectRatio=None)
    assert refusal(told) == ("REFUSED", "MUTATION_ID_REUSED")


async def test_followers_are_told_what_to_load_again(
    scene: Producing, owner: psycopg.Connection
) -> None:
    made, origin = scene.shots("a b"), str(uuid4())
    with echoes(owner, "shots"):
        await scene.told("updateShot", id=made["a"], name="c", mutationId=origin)
        await scene.told("moveShot", id=made["a"], position=1)
        await scene.told("deleteShots", ids=[made["a"]])
        told = owner.execute("select distinct * from echoes order by reason").fetchall()
    assert told == [
        ("shot-delete", "SHOTS,COUNTS,UNIFIED", ""),
        ("shot-order", "SHOTS", ""),
        ("shot-update", "SHOTS", origin),
    ]
