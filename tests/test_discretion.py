"""What only some may see is told to them alone: uploads for training, and who is invited."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio

from db.feed import Feed
from tests.asking import Asking
from tests.following import Followed, told
from tests.gateways import Running
from tests.producing import Producing
from tests.studio import Studio
from tests.talking import PROJECT, VIEWER, following

ROLES = ("owner", "editor", "viewer")


class Scene(Producing):
    """A project with one member of each role, and somebody elsewhere; all are followed."""

    def __init__(self, asking: Asking, studio: Studio, followed: Followed) -> None:
        super().__init__(asking, studio)
        self.members = {role: self.member(role) for role in ROLES}
        self.stranger = studio.user()
        self.elsewhere = studio.project(self.stranger)
        self.followed = followed

    async def heard(self) -> dict[str, set[tuple[str, str, str]]]:
        """Who was told of what since this was asked last; the project is named by its word."""
        names = {"project": self.project, "maker": self.viewer, **self.members}
        names |= {"stranger": self.stranger, "elsewhere": self.elsewhere}
        found = {}
        for name, scope in names.items():
            if scope not in self.followed.places:
                await self.followed.begin(scope)
            elif events := await self.followed.seen(scope):
                found[name] = set().union(*map(told, events))
        return found

    def asset(self, **values: Any) -> str:
        """A file that is announced."""
        id = str(uuid4())
        given = {"key": f"{self.project}/{id}.png", "content_type": "image/png", "size": 1}
        given |= {"filename": "fox.png", "upload_expires_at": "2100-01-01"}
        return self.studio.insert("assets", **given | values, id=id, project_id=self.project)

    def somebody(self, address: str, **claims: Any) -> str:
        """A person with a token that says this."""
        made = self.studio.user(email=address)
        self.asking.claims[made] = {"email": address, **claims}
        return made

    async def arrive(self, person: str) -> None:
        """They come with their token, and are followed from then on."""
        claims = {"sub": person, "role": "authenticated"} | self.asking.claims[person]
        await self.asking.database.welcome(claims)
        await self.followed.begin(person)


@pytest_asyncio.fixture
async def scene(asking: Asking, studio: Studio, feed: Feed) -> Scene:
    made = Scene(asking, studio, Followed(feed))
    await made.heard()
    return made


async def test_an_upload_is_told_to_its_project_alone(
    scene: Scene, owner: psycopg.Connection
) -> None:
    made = scene.asset(uploader=scene.members["editor"])
    assert await scene.heard() == {"project": {("assets", made, "INSERT")}}
    owner.execute("update assets set status = 'uploaded' where id = %s", (made,))
    assert await scene.heard() == {"project": {("assets", made, "UPDATE")}}
    owner.execute("delete from assets where id = %s", (made,))
    assert await scene.heard() == {"project": {("assets", made, "DELETE")}}


async def test_an_upload_for_training_is_told_to_its_uploader_alone(
    scene: Scene, owner: psycopg.Connection
) -> None:
    made = scene.asset(uploader=scene.members["editor"], bucket="training")
    assert await scene.heard() == {"editor": {("assets", made, "INSERT")}}
    owner.execute("update assets set status = 'uploaded' where id = %s", (made,))
    assert await scene.heard() == {"editor": {("assets", made, "UPDATE")}}
    owner.execute("delete from assets where id = %s", (made,))
    assert await scene.heard() == {"editor": {("assets", made, "DELETE")}}


async def test_whoever_was_removed_hears_no_more_of_what_they_uploaded(
    scene: Scene, owner: psycopg.Connection
) -> None:
    editor = scene.members["editor"]
    made = scene.asset(uploader=editor, bucket="training")
    owner.execute("delete from project_members where user_id = %s", (editor,))
    await scene.heard()
    owner.execute("update assets set status = 'uploaded' where id = %s", (made,))
    assert await scene.heard() == {}


async def test_an_invitation_is_told_to_owners_and_whoever_has_the_address(scene: Scene) -> None:
    address = f"{uuid4()}@example.org"
    ada = scene.somebody(address)
    await scene.arrive(ada)
    invitation = {"projectId": scene.project, "email": address}
    made = (await scene.told("inviteMember", **invitation, role="VIEWER"))["invitation"]["id"]
    for expected in ("INSERT", "UPDATE", "DELETE"):
        told_of = {("project_invitations", made, expected)}
        assert await scene.heard() == {"maker": told_of, "owner": told_of}
        assert told(await scene.followed.one(ada)) == told_of
        if expected == "INSERT":
            await scene.told("inviteMember", **invitation, role="EDITOR")
        else:
            await scene.told("revokeInvitation", id=made)


async def test_who_accepts_is_told_of_it_as_one_thing(scene: Scene) -> None:
    address = f"{uuid4()}@example.org"
    ada = scene.somebody(address)
    await scene.arrive(ada)
    invitation = {"projectId": scene.project, "email": address, "role": "VIEWER"}
    made = (await scene.told("inviteMember", **invitation))["invitation"]["id"]
    await scene.heard()
    await scene.followed.begin(ada)
    await scene.told("acceptInvitation", ada, id=made)
    gone = ("project_invitations", made, "DELETE")
    assert told(await scene.followed.one(ada)) == {
        gone,
        ("project_members", scene.project, "INSERT"),
    }
    assert await scene.heard() == {
        "project": {("project_members", ada, "INSERT")},
        "maker": {gone},
        "owner": {gone},
    }


@pytest.mark.parametrize("claims", [{"email_verified": False}, {"email": None}])
async def test_who_has_an_address_that_nobody_vouches_for_is_told_nothing(
    scene: Scene, claims: dict[str, Any]
) -> None:
    address = f"{uuid4()}@example.org"
    eve = scene.somebody(address, **claims)
    await scene.arrive(eve)
    await scene.told("inviteMember", projectId=scene.project, email=address, role="VIEWER")
    assert await scene.followed.seen(eve) == []


async def test_an_address_that_is_vouched_for_later_is_told_from_then_on(scene: Scene) -> None:
    address = f"{uuid4()}@example.org"
    ada = scene.somebody(address, email_verified=False)
    await scene.arrive(ada)
    scene.asking.claims[ada] = {"email": address, "email_verified": True}
    await scene.arrive(ada)
    await scene.told("inviteMember", projectId=scene.project, email=address, role="VIEWER")
    assert len(await scene.followed.seen(ada)) == 1
    scene.asking.claims[ada] = {"email": f"other-{address}"}
    await scene.arrive(ada)
    await scene.told("inviteMember", projectId=scene.project, email=address, role="EDITOR")
    assert await scene.followed.seen(ada) == []


async def test_what_holds_no_more_is_no_news_for_whoever_was_invited(
    scene: Scene, owner: psycopg.Connection
) -> None:
    address = f"{uuid4()}@example.org"
    ada = scene.somebody(address)
    await scene.arrive(ada)
    await scene.told("inviteMember", projectId=scene.project, email=address, role="VIEWER")
    owner.execute("update project_invitations set expires_at = now() where email = %s", (address,))
    await scene.heard()
    await scene.followed.begin(ada)
    owner.execute("delete from project_invitations where email = %s", (address,))
    assert set(await scene.heard()) == {"maker", "owner"}
    assert await scene.followed.seen(ada) == []


async def test_a_guest_sees_uploads_and_never_that_somebody_is_invited(
    gateway: Running, studio: Studio, owner: psycopg.Connection
) -> None:
    maker, guest, stranger = (studio.user() for _ in range(3))
    project = studio.project(maker)
    studio.insert_member(project, guest, "viewer")
    async with (
        following(gateway.address, gateway.token(maker), VIEWER) as owners,
        following(gateway.address, gateway.token(guest), VIEWER) as own,
        following(gateway.address, gateway.token(guest), PROJECT, id=project) as talk,
        following(gateway.address, gateway.token(stranger), VIEWER) as other,
    ):
        invited = studio.insert(
            "project_invitations",
            project_id=project,
            email=f"{uuid4()}@example.org",
            role="viewer",
            expires_at="2100-01-01",
        )
        key = str(uuid4())
        trained, shown = (
            studio.insert(
                "assets",
                id=id,
                project_id=project,
                uploader=maker,
                bucket=bucket,
                key=f"{project}/{id}.png",
                filename="a.png",
                size=1,
                content_type="image/png",
                upload_expires_at="2100-01-01",
            )
            for id, bucket in ((str(uuid4()), "training"), (key, "media"))
        )
        for person in (guest, stranger):
            owner.execute("update users set name = 'Dawn' where id = %s", (person,))

        assert (await talk.event())["changes"][0]["node"] == {"__typename": "Asset", "id": shown}
        told_of = [(await owners.event())["changes"][0]["node"] for _ in range(2)]
        assert told_of == [
            {"__typename": "Invitation", "id": invited},
            {"__typename": "Asset", "id": trained},
        ]
        for heard in (own, other):
            assert [one["table"] for one in (await heard.event())["changes"]] == ["users"]
