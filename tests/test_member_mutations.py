"""Members get roles, are taken out, leave, and hand projects over; there is always one owner."""

import asyncio
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.asking import Asking
from tests.making import echoes
from tests.producing import Producing, refusal
from tests.studio import Studio
from tests.waiting import waiting

UNKNOWN = str(uuid4())
MEMBERS = """
query ($id: ID!) { project(id: $id) {
  viewerRole owner { userId } members { nodes { userId name email avatarUrl role } } } }
"""


@pytest.fixture
def scene(asking: Asking, studio: Studio) -> Producing:
    return Producing(asking, studio)


def roles(scene: Producing) -> dict[str, str]:
    """What everybody is in the project."""
    found = scene.studio.owner.execute(
        "select user_id::text, role from project_members where project_id = %s", (scene.project,)
    )
    return dict(found.fetchall())


def whose(scene: Producing) -> str:
    """Whose project it is."""
    found = scene.studio.owner.execute(
        "select user_id::text from projects where id = %s", (scene.project,)
    )
    return str(found.fetchone()[0])  # type: ignore[index]


async def test_members_see_one_another_and_owners_their_addresses(scene: Producing) -> None:
    studio = scene.studio
    ada = studio.user(name="Ada", email="ada@example.org", avatar_url="a.png")
    studio.owner.execute(
        "insert into project_members (project_id, user_id, role) values (%s, %s, 'viewer')",
        (scene.project, ada),
    )
    bob = scene.member("editor")
    shown: dict[str, Any] = {}
    for viewer in (scene.viewer, ada, bob):
        found = (await scene.asking(MEMBERS, viewer, id=scene.project))["project"]
        assert found["owner"] == {"userId": scene.viewer}
        shown[viewer] = (
            found["viewerRole"],
            {one["userId"]: one for one in found["members"]["nodes"]},
        )
    assert [shown[one][0] for one in shown] == ["OWNER", "VIEWER", "EDITOR"]
    for viewer, (_, members) in shown.items():
        assert set(members) == {scene.viewer, ada, bob}
        sees = viewer in (scene.viewer, ada)
        assert members[ada] == {
            "userId": ada,
            "name": "Ada",
            "email": "ada@example.org" if sees else None,
            "avatarUrl": "a.png",
            "role": "VIEWER",
        }


async def test_a_member_of_another_studio_is_not_there(scene: Producing) -> None:
    part = scene.part(scene.member("editor"))
    query = "query ($id: ID!) { node(id: $id) { __typename ... on Member { name email } } }"
    assert (await scene.asking(query, scene.viewer, id=part))["node"]["__typename"] == "Member"
    assert (await scene.asking(query, scene.studio.user(), id=part))["node"] is None


@pytest.mark.parametrize("role", ["VIEWER", "OWNER"])
async def test_a_member_gets_another_role(scene: Producing, role: str) -> None:
    editor = scene.member("editor")
    told = await scene.told("changeMemberRole", id=scene.part(editor), role=role, expectedVersion=1)
    assert (told["member"]["role"], told["member"]["version"]) == (role, 2)
    assert roles(scene)[editor] == role.lower()
    assert (await scene.seen(editor))["viewerRole"] == role


async def test_another_version_than_expected_is_a_conflict(scene: Producing) -> None:
    part = scene.part(scene.member("editor"))
    await scene.told("changeMemberRole", id=part, role="VIEWER")
    late = await scene.told("changeMemberRole", id=part, role="OWNER", expectedVersion=1)
    same = await scene.told("changeMemberRole", id=part, role="VIEWER")
    assert (late["code"], late["changedFields"]) == ("CONFLICT", ["role"])
    assert late["current"]["role"] == "VIEWER"
    assert same["member"]["version"] == 2


async def test_whose_project_it_is_stays_until_they_hand_it_over(scene: Producing) -> None:
    other, own = scene.member("owner"), scene.part(scene.viewer)
    told = [
        await scene.told("changeMemberRole", other, id=own, role="EDITOR"),
        await scene.told("removeMember", other, id=own),
        await scene.told("removeMember", id=own),
        await scene.told("leaveProject", projectId=scene.project),
    ]
    assert {refusal(one) for one in told} == {("REFUSED", "HAND_OVER_FIRST")}
    same = await scene.told("changeMemberRole", id=own, role="OWNER")
    assert same["member"]["role"] == "OWNER"
    assert roles(scene) == {scene.viewer: "owner", other: "owner"}


async def test_the_removed_lose_sight_at_once(scene: Producing) -> None:
    editor = scene.member("editor")
    part = scene.part(editor)
    told = await scene.told("removeMember", id=part)
    assert told["deletedId"] == part
    assert told["project"]["members"]["nodes"] == [{"userId": scene.viewer, "role": "OWNER"}]
    assert await scene.seen(editor) is None
    late = await scene.told("createShot", editor, projectId=scene.project, name="x")
    assert refusal(late) == ("NOT_FOUND", "input.projectId")


@pytest.mark.parametrize("role", ["viewer", "editor", "owner"])
async def test_members_leave(scene: Producing, role: str) -> None:
    member = scene.member(role)
    part = scene.part(member)
    told = await scene.told("leaveProject", member, projectId=scene.project)
    assert (told["deletedId"], told["projectId"]) == (part, scene.project)
    assert await scene.seen(member) is None
    assert roles(scene) == {scene.viewer: "owner"}


async def test_a_further_owner_may_step_down_and_out(scene: Producing) -> None:
    other = scene.member("owner")
    part = scene.part(other)
    told = await scene.told("removeMember", other, id=part)
    assert (told["deletedId"], told["project"]) == (part, None)
    assert await scene.seen(other) is None


async def test_a_project_is_handed_over(scene: Producing) -> None:
    heir = scene.member("viewer")
    given: dict[str, Any] = {"projectId": scene.project, "memberId": scene.part(heir)}
    told = await scene.told("handOverProject", **given, expectedVersion=1)
    shown = [(one["userId"], one["role"], one["version"]) for one in told["members"]]
    assert shown == [(heir, "OWNER", 2), (scene.viewer, "EDITOR", 2)]
    assert (told["project"]["owner"], told["project"]["version"]) == ({"userId": heir}, 2)
    assert told["project"]["viewerRole"] == "EDITOR"
    assert roles(scene) == {heir: "owner", scene.viewer: "editor"}
    left = await scene.told("leaveProject", projectId=scene.project)
    assert left["__typename"] == "ProjectLeft"


async def test_an_owner_who_gets_the_project_stays_owner(scene: Producing) -> None:
    heir = scene.member("owner")
    given: dict[str, Any] = {"projectId": scene.project, "memberId": scene.part(heir)}
    told = await scene.told("handOverProject", **given)
    assert [one["version"] for one in told["members"]] == [1, 2]
    assert whose(scene) == heir


async def test_a_project_handed_to_oneself_stays_as_it_is(scene: Producing) -> None:
    own = scene.part(scene.viewer)
    told = await scene.told("handOverProject", projectId=scene.project, memberId=own)
    assert [one["version"] for one in told["members"]] == [1]
    assert (await scene.seen())["version"] == 1


async def test_only_whose_project_it_is_hands_it_over(scene: Producing) -> None:
    parts = {role: scene.member(role) for role in ("viewer", "editor", "owner")}
    heir = scene.part(parts["owner"])
    for member in parts.values():
        given = {"projectId": scene.project, "memberId": heir}
        told = await scene.told("handOverProject", member, **given)
        assert refusal(told) == ("REFUSED", "READ_ONLY")
    late = {"projectId": scene.project, "memberId": heir, "expectedVersion": 7}
    assert (await scene.told("handOverProject", **late))["code"] == "CONFLICT"
    assert whose(scene) == scene.viewer


async def test_an_heir_must_be_a_member(scene: Producing) -> None:
    other = Producing(scene.asking, scene.studio)
    own_elsewhere = Producing(scene.asking, scene.studio)
    own_elsewhere.studio.owner.execute(
        "insert into project_members (project_id, user_id, role) values (%s, %s, 'owner')",
        (own_elsewhere.project, scene.viewer),
    )
    told = [
        await scene.told("handOverProject", projectId=scene.project, memberId=one)
        for one in (other.part(other.viewer), own_elsewhere.part(own_elsewhere.viewer), UNKNOWN)
    ]
    assert told[0] == told[1] == told[2]
    assert refusal(told[0]) == ("NOT_FOUND", "input.memberId")


@pytest.mark.parametrize(
    ("name", "given"), [("changeMemberRole", {"role": "OWNER"}), ("removeMember", {})]
)
async def test_only_owners_decide_who_takes_part(
    scene: Producing, name: str, given: dict[str, Any]
) -> None:
    stranger, target = scene.studio.user(), scene.member("editor")
    places = (scene.part(target), UNKNOWN)
    told = [await scene.told(name, stranger, id=one, **given) for one in places]
    assert told[0] == told[1]
    assert refusal(told[0]) == ("NOT_FOUND", "input.id")
    for member in (scene.member("viewer"), target):
        told = await scene.told(name, member, id=scene.part(target), **given)
        assert refusal(told) == ("REFUSED", "READ_ONLY")
    assert roles(scene)[target] == "editor"


@pytest.mark.parametrize("name", ["leaveProject", "handOverProject"])
async def test_a_project_of_strangers_is_not_there(scene: Producing, name: str) -> None:
    stranger = scene.studio.user()
    given = {"memberId": UNKNOWN} if name == "handOverProject" else {}
    places = (scene.project, UNKNOWN)
    told = [await scene.told(name, stranger, projectId=one, **given) for one in places]
    assert told[0] == told[1]
    assert refusal(told[0]) == ("NOT_FOUND", "input.projectId")


async def test_of_two_who_are_handed_it_at_once_one_gets_it(scene: Producing) -> None:
    heirs = [scene.member("editor") for _ in range(4)]
    told = await asyncio.gather(
        *(
            scene.told("handOverProject", projectId=scene.project, memberId=scene.part(heir))
            for heir in heirs
        )
    )
    kinds = sorted(one["__typename"] for one in told)
    assert kinds == ["ProjectHandedOver", *["Refused"] * 3]
    after = roles(scene)
    assert after.pop(whose(scene)) == "owner"
    assert whose(scene) in heirs
    assert set(after.values()) == {"editor"}


@pytest.mark.parametrize("turn", range(6))
async def test_an_heir_who_leaves_at_once_has_left_or_owns_it(scene: Producing, turn: int) -> None:
    heir = scene.member("editor")
    acts = [
        scene.told("handOverProject", projectId=scene.project, memberId=scene.part(heir)),
        scene.told("leaveProject", heir, projectId=scene.project),
    ]
    told = await asyncio.gather(*(acts if turn % 2 else acts[::-1]))
    handed, left = told if turn % 2 else told[::-1]
    if handed["__typename"] == "ProjectHandedOver":
        assert refusal(left) == ("REFUSED", "HAND_OVER_FIRST")
        assert roles(scene) == {heir: "owner", scene.viewer: "editor"}
    else:
        assert refusal(handed) == ("NOT_FOUND", "input.memberId")
        assert left["__typename"] == "ProjectLeft"
        assert roles(scene) == {scene.viewer: "owner"}


async def test_an_heir_who_leaves_while_they_get_it_has_to_hand_it_over(
    scene: Producing, owner: psycopg.Connection, owner_url: str
) -> None:
    heir = scene.member("editor")
    with psycopg.connect(owner_url) as handing:
        handing.execute("update projects set user_id = %s where id = %s", (heir, scene.project))
        asked = asyncio.create_task(scene.told("leaveProject", heir, projectId=scene.project))
        await waiting(owner)
    assert refusal(await asked) == ("REFUSED", "HAND_OVER_FIRST")
    assert roles(scene) == {heir: "owner", scene.viewer: "editor"}


async def test_owners_who_take_one_another_out_at_once_leave_whose_it_is(scene: Producing) -> None:
    owners = [scene.member("owner") for _ in range(4)]
    parts = [scene.part(one) for one in owners]
    told = await asyncio.gather(
        *(scene.told("removeMember", one, id=parts[n - 1]) for n, one in enumerate(owners))
    )
    assert {one["__typename"] for one in told} <= {"MemberRemoved", "NotFound"}
    assert roles(scene)[scene.viewer] == "owner"


async def test_whoever_takes_somebody_out_waits_for_what_they_have_begun(
    scene: Producing, owner: psycopg.Connection, owner_url: str
) -> None:
    editor = scene.member("editor")
    with psycopg.connect(owner_url) as holding:
        holding.execute("select lock_shot_order(%s)", (scene.project,))
        given = {"projectId": scene.project, "name": "Dawn"}
        asked = asyncio.create_task(scene.told("createShot", editor, **given))
        await waiting(owner)
        part = scene.part(editor)
        removed = asyncio.create_task(scene.told("removeMember", id=part))
        await waiting(owner, number=2)
    assert (await asked)["__typename"] == "ShotCreated"
    assert (await removed)["deletedId"] == part
    assert await scene.names() == "Dawn"


async def test_followers_are_told_why(scene: Producing, owner: psycopg.Connection) -> None:
    part, origin = scene.part(scene.member("viewer")), str(uuid4())
    with echoes(owner, "project_members"):
        await scene.told("changeMemberRole", id=part, role="EDITOR", mutationId=origin)
        await scene.told("removeMember", id=part)
        told = owner.execute("select * from echoes order by origin").fetchall()
    assert told == [("members-update", "", ""), ("members-update", "", origin)]
