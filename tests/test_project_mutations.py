"""Projects are begun with a first shot, changed by their owners, and deleted with all in them."""

import asyncio
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.asking import Asking
from tests.making import echoes
from tests.producing import Producing, issues, mutation, refusal
from tests.studio import Studio
from tests.test_project_deletion import contents, filled_project

UNKNOWN = str(uuid4())
CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("updateProject", {"name": "Mine"}),
    ("deleteProject", {}),
]
SETTINGS = """
query ($id: ID!) { project(id: $id) {
  toolSettings(tool: "image-generation") { layers { project { value } } }
  shots { nodes { toolSettings(tool: "image-generation") { layers { shot { value } } } } }
} }
"""


@pytest.fixture
def scene(asking: Asking, studio: Studio) -> Producing:
    return Producing(asking, studio)


def projects(scene: Producing) -> int:
    """How many projects the viewer has."""
    found = scene.studio.owner.execute(
        "select count(*) from projects where user_id = %s", (scene.viewer,)
    )
    return int(found.fetchone()[0])  # type: ignore[index]


async def test_a_project_begins_with_its_owner_and_a_shot(scene: Producing) -> None:
    told = await scene.told("createProject", name="Film", aspectRatio="16:9")
    assert told["project"] == {
        "id": told["project"]["id"],
        "name": "Film",
        "aspectRatio": "16:9",
        "version": 1,
        "viewerRole": "OWNER",
        "thumbnail": None,
        "owner": {"userId": scene.viewer},
        "members": {"nodes": [{"userId": scene.viewer, "role": "OWNER"}]},
    }
    shot = told["shot"]
    assert (shot["name"], shot["position"]) == ("Shot 1", 0)
    assert shot["project"] == {"id": told["project"]["id"]}


async def test_the_client_may_choose_all_ids_and_names(scene: Producing) -> None:
    given: dict[str, Any] = {"id": str(uuid4()), "shotId": str(uuid4()), "shotName": "Dawn"}
    told = await scene.told("createProject", name="Film", **given)
    assert told["project"]["id"] == given["id"]
    assert (told["shot"]["id"], told["shot"]["name"]) == (given["shotId"], "Dawn")


@pytest.mark.parametrize("argument", ["id", "shotId"])
async def test_an_id_that_is_taken_makes_nothing(scene: Producing, argument: str) -> None:
    first = await scene.told("createProject", name="Film")
    taken = first["project" if argument == "id" else "shot"]["id"]
    again = await scene.told("createProject", name="Other", **{argument: taken})
    assert (again["code"], again["current"]["id"]) == ("CONFLICT", taken)
    other = Producing(scene.asking, scene.studio)
    hidden = await other.told("createProject", name="Other", **{argument: taken})
    assert (hidden["code"], hidden["current"]) == ("CONFLICT", None)
    assert (projects(scene), projects(other)) == (2, 1)


async def test_one_id_at_once_is_made_once(scene: Producing) -> None:
    chosen = str(uuid4())
    told = await asyncio.gather(
        *(scene.told("createProject", name=f"{n}", id=chosen) for n in range(6))
    )
    assert [one["__typename"] for one in told].count("ProjectCreated") == 1
    assert {one["code"] for one in told if "code" in one} == {"CONFLICT"}
    assert projects(scene) == 2


async def test_settings_are_taken_over_without_their_content(scene: Producing) -> None:
    kept = {"image-generation": {"prompt": "a fox", "depthStrength": 7}}
    source = scene.studio.project(scene.viewer, settings=kept)
    guest = scene.studio.user()
    scene.studio.owner.execute(
        "insert into project_members (project_id, user_id, role) values (%s, %s, 'viewer')",
        (source, guest),
    )
    for viewer in (scene.viewer, guest):
        told = await scene.told("createProject", viewer, name="Film", settingsFrom=source)
        made = told["project"]["id"]
        found = (await scene.asking(SETTINGS, viewer, id=made))["project"]
        inherited = {"value": {"depthStrength": 7}}
        assert found["toolSettings"]["layers"]["project"] == inherited
        assert found["shots"]["nodes"][0]["toolSettings"]["layers"]["shot"] == inherited


async def test_settings_of_another_studio_are_as_good_as_none(scene: Producing) -> None:
    theirs = scene.studio.project(scene.studio.user())
    places = (theirs, UNKNOWN)
    told = [await scene.told("createProject", name="Film", settingsFrom=one) for one in places]
    assert told[0] == told[1]
    assert refusal(told[0]) == ("NOT_FOUND", "input.settingsFrom")
    assert projects(scene) == 1


@pytest.mark.parametrize("name", ["createProject", "updateProject"])
@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"name": ""}, "name"),
        ({"name": "\t "}, "name"),
        ({"name": "x" * 501}, "name"),
        ({"aspectRatio": "wide"}, "aspectRatio"),
        ({"aspectRatio": ""}, "aspectRatio"),
    ],
)
async def test_what_cannot_be_is_refused(
    scene: Producing, name: str, given: dict[str, Any], argument: str
) -> None:
    place = {"id": scene.project} if name == "updateProject" else {}
    told = await scene.told(name, **{"name": "Film"} | given | place)
    assert issues(told) == [f"input.{argument}"]
    assert (await scene.seen())["version"] == 1
    assert projects(scene) == 1


async def test_the_first_shot_needs_a_name_too(scene: Producing) -> None:
    told = await scene.told("createProject", name="Film", shotName=" ")
    assert issues(told) == ["input.shotName"]


async def test_what_is_not_given_stays_and_null_takes_away(scene: Producing) -> None:
    image = scene.studio.generation(scene.project)
    seen = []
    for given in (
        {"name": "Film", "aspectRatio": "4:3"},
        {"thumbnailGenerationId": image, "name": None},
        {"aspectRatio": None},
        {"thumbnailGenerationId": None},
        {},
    ):
        told = (await scene.told("updateProject", id=scene.project, **given))["project"]
        seen.append((told["name"], told["aspectRatio"], told["thumbnail"], told["version"]))
    assert seen == [
        ("Film", "4:3", None, 2),
        ("Film", "4:3", {"id": image}, 3),
        ("Film", None, {"id": image}, 4),
        ("Film", None, None, 5),
        ("Film", None, None, 5),
    ]


async def test_a_thumbnail_is_a_generation_of_the_project(scene: Producing) -> None:
    elsewhere = scene.studio.generation(scene.studio.project(scene.viewer))
    theirs = scene.studio.generation(scene.studio.project(scene.studio.user()))
    told = [
        await scene.told("updateProject", id=scene.project, thumbnailGenerationId=one)
        for one in (elsewhere, theirs, UNKNOWN)
    ]
    assert told[0] == told[1] == told[2]
    assert refusal(told[0]) == ("NOT_FOUND", "input.thumbnailGenerationId")


async def test_another_version_than_expected_is_a_conflict(scene: Producing) -> None:
    await scene.told("updateProject", id=scene.project, name="Film", expectedVersion=1)
    given = {"name": "Late", "aspectRatio": None, "expectedVersion": 1}
    late = await scene.told("updateProject", id=scene.project, **given)
    gone = await scene.told("deleteProject", id=scene.project, expectedVersion=1)
    assert (late["changedFields"], gone["changedFields"]) == (["name"], [])
    assert late["current"]["name"] == gone["current"]["name"] == "Film"


async def test_of_those_who_expect_one_version_one_wins(scene: Producing) -> None:
    told = await asyncio.gather(
        *(
            scene.told("updateProject", id=scene.project, name=f"{n}", expectedVersion=1)
            for n in range(6)
        )
    )
    (winner,) = (one["project"] for one in told if one["__typename"] == "ProjectChanged")
    assert [one["code"] for one in told if "code" in one] == ["CONFLICT"] * 5
    assert await scene.seen() == winner


@pytest.mark.parametrize(("name", "given"), CHANGES)
async def test_only_owners_change_projects(
    scene: Producing, name: str, given: dict[str, Any]
) -> None:
    stranger = scene.studio.user()
    told = [await scene.told(name, stranger, id=one, **given) for one in (scene.project, UNKNOWN)]
    assert told[0] == told[1]
    assert refusal(told[0]) == ("NOT_FOUND", "input.id")
    for role in ("viewer", "editor"):
        told = await scene.told(name, scene.member(role), id=scene.project, **given)
        assert refusal(told) == ("REFUSED", "READ_ONLY")
    assert (await scene.seen())["version"] == 1
    told = await scene.told(name, scene.member("owner"), id=scene.project, **given)
    assert told["__typename"] in ("ProjectChanged", "ProjectDeleted")


async def test_a_deleted_project_takes_everything_with_it(scene: Producing) -> None:
    scene.project = filled_project(scene.studio, generations=120, user=scene.viewer)
    first: dict[str, Any] = {"id": scene.project, "mutationId": str(uuid4())}
    told = [await scene.told("deleteProject", **first) for _ in range(2)]
    assert told == [{"__typename": "ProjectDeleted", "deletedId": scene.project}] * 2
    assert await scene.seen() is None
    assert contents(scene.studio.owner, scene.project) == 0
    again = await scene.told("deleteProject", id=scene.project)
    assert again["code"] == "NOT_FOUND"


@pytest.mark.prove
async def test_fifty_thousand_generations_are_deleted_by_their_owner(scene: Producing) -> None:
    project = filled_project(scene.studio, generations=50_000, user=scene.viewer)
    told = await scene.told("deleteProject", id=project)
    assert told == {"__typename": "ProjectDeleted", "deletedId": project}


async def test_a_large_project_may_take_long_to_delete(scene: Producing) -> None:
    given = {"id": scene.project}
    answer = await scene.asking(mutation("deleteProject"), scene.viewer, input=given)
    place = next(n for n, text in enumerate(answer.statements) if text.startswith("DELETE"))
    assert "statement_timeout', '5min'" in answer.statements[place - 1]


async def test_projects_made_while_another_is_deleted_stay(scene: Producing) -> None:
    scene.project = filled_project(scene.studio, generations=60, user=scene.viewer)
    told = await asyncio.gather(
        scene.told("deleteProject", id=scene.project),
        *(scene.told("createShot", projectId=scene.project, name="x") for _ in range(6)),
        *(scene.told("createProject", name="Film") for _ in range(3)),
    )
    kinds = [one["__typename"] for one in told]
    assert kinds[0] == "ProjectDeleted"
    assert set(kinds[1:7]) <= {"ShotCreated", "NotFound"}
    assert set(kinds[7:]) == {"ProjectCreated"}
    assert contents(scene.studio.owner, scene.project) == 0


async def test_many_projects_tell_who_is_in_them_by_as_many_statements_as_two(
    scene: Producing,
) -> None:
    query = """{ viewer { projects(first: 100) { nodes {
      viewerRole owner { name email } members { totalCount { value } nodes { name role } }
      invitations { nodes { email projectName inviterName } }
    } } } }"""
    counts = []
    for number in (1, 30):
        for _ in range(number):
            scene.project = scene.studio.project(scene.viewer)
            scene.member("editor")
        answer = await scene.asking(query, scene.viewer)
        assert len(answer["viewer"]["projects"]["nodes"]) > number
        counts.append(len(answer.statements))
    assert counts[0] == counts[1]


async def test_followers_are_told_what_to_load_again(
    scene: Producing, owner: psycopg.Connection
) -> None:
    with echoes(owner, "projects"):
        await scene.told("updateProject", id=scene.project, name="Film")
        await scene.told("deleteProject", id=scene.project)
        told = owner.execute("select * from echoes order by reason").fetchall()
    assert told == [("project-delete", "ALL", ""), ("project-update", "METADATA", "")]
