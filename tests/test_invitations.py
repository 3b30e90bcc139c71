"""Addresses are invited, and whoever has a verified one accepts or declines."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.asking import Asking
from tests.producing import INVITATION, Producing, issues, refusal
from tests.studio import Studio

UNKNOWN = str(uuid4())
OWN = f"{{ viewer {{ invitations {{ totalCount {{ value }} nodes {INVITATION} }} }} }}"
OF_PROJECT = f"query ($id: ID!) {{ project(id: $id) {{ invitations {{ nodes {INVITATION} }} }} }}"


@pytest.fixture
def scene(asking: Asking, studio: Studio) -> Producing:
    return Producing(asking, studio)


class Somebody:
    """A person whose token says this of them."""

    def __init__(self, scene: Producing, **claims: Any) -> None:
        self.id = scene.studio.user()
        self.address = f"{self.id}@example.org"
        self.scene = scene
        scene.asking.claims[self.id] = claims

    async def invited(self) -> list[Any]:
        """The invitations that they see."""
        found = (await self.scene.asking(OWN, self.id))["viewer"]["invitations"]
        nodes: list[Any] = found["nodes"]
        assert found["totalCount"]["value"] == len(nodes)
        return nodes


async def invite(scene: Producing, address: str, role: str = "EDITOR") -> Any:
    """The invitation of an address."""
    told = await scene.told("inviteMember", projectId=scene.project, email=address, role=role)
    return told["invitation"]


async def pending(scene: Producing, viewer: str | None = None) -> list[str]:
    """The addresses that are invited, as somebody sees them."""
    answer = await scene.asking(OF_PROJECT, viewer or scene.viewer, id=scene.project)
    return [one["email"] for one in answer["project"]["invitations"]["nodes"]]


def expire(scene: Producing, invitation: str) -> None:
    """Let the time of an invitation be over."""
    scene.studio.owner.execute(
        "update project_invitations set expires_at = now() where id = %s", (invitation,)
    )


async def test_an_invitation_waits_for_whoever_has_the_address(scene: Producing) -> None:
    scene.studio.owner.execute("update users set name = 'Ada' where id = %s", (scene.viewer,))
    ada = Somebody(scene)
    made = await invite(scene, f" {ada.address.upper()} ")
    assert (made["email"], made["role"], made["project"]) == (
        ada.address,
        "EDITOR",
        {"id": scene.project},
    )
    assert await ada.invited() == [made | {"project": None}]
    assert (made["projectName"], made["inviterName"]) == ("Project", "Ada")
    assert await scene.seen(ada.id) is None


@pytest.mark.parametrize("role", ["VIEWER", "EDITOR", "OWNER"])
async def test_who_accepts_is_a_member(scene: Producing, role: str) -> None:
    ada = Somebody(scene)
    made = await invite(scene, ada.address, role)
    told = await scene.told("acceptInvitation", ada.id, id=made["id"])
    assert told["deletedId"] == made["id"]
    assert (told["member"]["userId"], told["member"]["role"]) == (ada.id, role)
    assert (await scene.seen(ada.id))["viewerRole"] == role
    assert (await ada.invited(), await pending(scene)) == ([], [])
    again = await scene.told("acceptInvitation", ada.id, id=made["id"])
    assert refusal(again) == ("NOT_FOUND", "input.id")


async def test_who_declines_is_none(scene: Producing) -> None:
    ada = Somebody(scene)
    made = await invite(scene, ada.address)
    told = await scene.told("declineInvitation", ada.id, id=made["id"])
    assert told["deletedId"] == made["id"]
    assert await pending(scene) == []
    assert await scene.seen(ada.id) is None


async def test_an_answer_does_not_tell_who_has_an_account(scene: Producing) -> None:
    known, unknown = Somebody(scene).address, f"{uuid4()}@example.org"
    scene.studio.user(email=known)
    told = [await invite(scene, one) for one in (known, unknown)]
    for one in told:
        for word in ("id", "email", "createdAt", "expiresAt"):
            del one[word]
    assert told[0] == told[1]


async def test_an_account_that_comes_later_finds_its_invitation(scene: Producing) -> None:
    address = f"{uuid4()}@example.org"
    made = await invite(scene, address)
    ada = Somebody(scene, email=address)
    assert [one["id"] for one in await ada.invited()] == [made["id"]]


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "false"},
        {"email_verified": 1},
        {"email_verified": False, "user_metadata": {"email_verified": True}},
        {"email": None},
        {"email": ""},
        {"email": ["{address}"]},
        {"email": {"a": "{address}"}},
        {"email": None, "user_metadata": {"email": "{address}"}},
        {"email": "{address} "},
    ],
)
async def test_an_address_that_nobody_vouches_for_takes_nothing(
    scene: Producing, claims: dict[str, Any]
) -> None:
    ada = Somebody(scene)
    made = await invite(scene, ada.address)
    scene.asking.claims[ada.id] = worded({"email": ada.address} | claims, ada.address)
    assert await ada.invited() == []
    for name in ("acceptInvitation", "declineInvitation", "revokeInvitation"):
        told = await scene.told(name, ada.id, id=made["id"])
        assert refusal(told) == ("NOT_FOUND", "input.id")
    assert await pending(scene) == [ada.address]
    assert await scene.seen(ada.id) is None


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": True},
        {"email_verified": "true"},
        {"user_metadata": {"email_verified": False}},
    ],
)
async def test_an_address_that_is_vouched_for_finds_its_invitation(
    scene: Producing, claims: dict[str, Any]
) -> None:
    ada = Somebody(scene, **claims)
    made = await invite(scene, ada.address)
    assert [one["id"] for one in await ada.invited()] == [made["id"]]


async def test_letters_that_only_look_alike_are_others(scene: Producing) -> None:
    kelvin = f"\N{KELVIN SIGN}{uuid4()}@example.org"
    made = await invite(scene, kelvin.replace("\N{KELVIN SIGN}", "k"))
    mallory = Somebody(scene, email=kelvin)
    assert await mallory.invited() == []
    told = await scene.told("acceptInvitation", mallory.id, id=made["id"])
    assert refusal(told) == ("NOT_FOUND", "input.id")


async def test_somebody_elses_invitation_is_not_there(scene: Producing) -> None:
    made, mallory = await invite(scene, Somebody(scene).address), Somebody(scene)
    for name in ("acceptInvitation", "declineInvitation", "revokeInvitation"):
        told = [await scene.told(name, mallory.id, id=one) for one in (made["id"], UNKNOWN)]
        assert told[0] == told[1]
        assert refusal(told[0]) == ("NOT_FOUND", "input.id")
    query = "query ($id: ID!) { node(id: $id) { id } }"
    assert (await scene.asking(query, mallory.id, id=made["id"]))["node"] is None


async def test_an_invitation_holds_for_two_weeks_unless_it_is_sent_anew(scene: Producing) -> None:
    ada = Somebody(scene)
    made = await invite(scene, ada.address)
    expire(scene, made["id"])
    assert await ada.invited() == []
    late = await scene.told("acceptInvitation", ada.id, id=made["id"])
    assert refusal(late) == ("NOT_FOUND", "input.id")
    assert await pending(scene) == [ada.address]
    again = await invite(scene, ada.address, "VIEWER")
    assert (again["id"], again["role"]) == (made["id"], "VIEWER")
    told = await scene.told("acceptInvitation", ada.id, id=made["id"])
    assert told["member"]["role"] == "VIEWER"
    days = scene.studio.owner.execute(
        "select date_part('day', %s::timestamptz - %s::timestamptz)",
        (made["expiresAt"], made["createdAt"]),
    ).fetchone()
    assert days == (14,)


async def test_a_member_who_accepts_stays_what_they_are(scene: Producing) -> None:
    ada = Somebody(scene)
    scene.studio.owner.execute(
        "insert into project_members (project_id, user_id, role) values (%s, %s, 'owner')",
        (scene.project, ada.id),
    )
    made = await invite(scene, ada.address, "VIEWER")
    told = await scene.told("acceptInvitation", ada.id, id=made["id"])
    assert told["member"]["role"] == "OWNER"
    assert await pending(scene) == []


async def test_owners_take_invitations_back(scene: Producing) -> None:
    ada = Somebody(scene)
    made = await invite(scene, ada.address)
    told = await scene.told("revokeInvitation", scene.member("owner"), id=made["id"])
    assert told["deletedId"] == made["id"]
    late = await scene.told("acceptInvitation", ada.id, id=made["id"])
    assert refusal(late) == ("NOT_FOUND", "input.id")


async def test_who_is_invited_cannot_take_it_back_as_an_owner_can(scene: Producing) -> None:
    ada = Somebody(scene)
    made = await invite(scene, ada.address)
    told = await scene.told("revokeInvitation", ada.id, id=made["id"])
    assert refusal(told) == ("REFUSED", "READ_ONLY")


@pytest.mark.parametrize("role", ["viewer", "editor"])
async def test_only_owners_invite_and_see_who_is_invited(scene: Producing, role: str) -> None:
    made = await invite(scene, Somebody(scene).address)
    member = scene.member(role)
    given: dict[str, Any] = {"email": "a@b", "role": "VIEWER"}
    told = await scene.told("inviteMember", member, projectId=scene.project, **given)
    assert refusal(told) == ("REFUSED", "READ_ONLY")
    told = await scene.told("revokeInvitation", member, id=made["id"])
    assert refusal(told) == ("NOT_FOUND", "input.id")
    assert await pending(scene, member) == []
    assert await pending(scene) == [made["email"]]


async def test_a_strangers_project_takes_no_invitations(scene: Producing) -> None:
    given: dict[str, Any] = {"email": "a@b", "role": "VIEWER"}
    stranger, places = scene.studio.user(), (scene.project, UNKNOWN)
    told = [await scene.told("inviteMember", stranger, projectId=one, **given) for one in places]
    assert told[0] == told[1]
    assert refusal(told[0]) == ("NOT_FOUND", "input.projectId")


@pytest.mark.parametrize(
    "address", ["", "nobody", "@", "a@", "@b", "a b@c", "a@b@c", "a@b\nc", f"{'x' * 253}@b"]
)
async def test_what_is_no_address_is_refused(scene: Producing, address: str) -> None:
    given: dict[str, Any] = {"projectId": scene.project, "role": "VIEWER"}
    assert issues(await scene.told("inviteMember", email=address, **given)) == ["input.email"]
    assert await pending(scene) == []


async def test_one_address_is_invited_once_to_a_project(scene: Producing) -> None:
    address = Somebody(scene).address
    made = await asyncio.gather(*(invite(scene, address) for _ in range(6)))
    assert len({one["id"] for one in made}) == 1
    assert await pending(scene) == [address]


async def test_an_invitation_is_accepted_or_taken_back_but_not_both(scene: Producing) -> None:
    for turn in range(6):
        ada = Somebody(scene)
        made = await invite(scene, ada.address)
        acts = [
            scene.told("acceptInvitation", ada.id, id=made["id"]),
            scene.told("revokeInvitation", id=made["id"]),
        ]
        told = await asyncio.gather(*(acts if turn % 2 else acts[::-1]))
        accepted, revoked = told if turn % 2 else told[::-1]
        is_member = await scene.seen(ada.id) is not None
        assert is_member is (accepted["__typename"] == "InvitationAccepted")
        assert is_member is (refusal_of(revoked) == ("NOT_FOUND", "input.id"))


async def test_invitations_of_a_deleted_project_are_gone(scene: Producing) -> None:
    ada = Somebody(scene)
    await invite(scene, ada.address)
    await scene.told("deleteProject", id=scene.project)
    assert await ada.invited() == []


def refusal_of(told: Any) -> tuple[str, str | None] | None:
    """The problem that something came to, if it did."""
    return refusal(told) if "code" in told else None


def worded(value: Any, address: str) -> Any:
    """Claims with an address in its places."""
    if isinstance(value, dict):
        return {name: worded(inner, address) for name, inner in value.items()}
    if isinstance(value, list):
        return [worded(inner, address) for inner in value]
    return value.replace("{address}", address) if isinstance(value, str) else value
