"""What nobody needs any more is let go: old changes of settings, invitations that hold no more."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio

from db import upkeep as machinery
from db.feed import Feed
from server import upkeep
from server.config import Config
from server.links import Links
from server.upkeep import Keeper
from tests.asking import Asking
from tests.cascading import Cascade
from tests.following import Followed, told
from tests.studio import Studio

MONTH = timedelta(days=30)
PATIENCE_SECONDS = 20

Forget = Callable[..., int]


@pytest.fixture
def cascade(asking: Asking, studio: Studio) -> Cascade:
    return Cascade(asking, studio)


@pytest_asyncio.fixture
async def followed(feed: Feed) -> Followed:
    return Followed(feed)


@pytest.fixture
def forget(gateway_url: str) -> Forget:
    """Lets go as the gateway does, and gives how many."""

    def forget(versions: int = 3, expired_for: timedelta = MONTH, most: int = 100) -> int:
        with machinery.opened(gateway_url) as opened:
            return opened.forget(versions, expired_for, most)

    return forget


def invitation(studio: Studio, project: str, expired_days: float) -> str:
    """Somebody was invited, and that held until so long ago."""
    made = studio.insert(
        "project_invitations",
        project_id=project,
        email=f"{uuid4()}@example.org",
        role="viewer",
        expires_at="2100-01-01",
    )
    studio.owner.execute(
        "update project_invitations set expires_at = now() - %s where id = %s",
        (timedelta(days=expired_days), made),
    )
    return made


async def test_the_latest_changes_of_each_tools_settings_are_kept(
    cascade: Cascade, forget: Forget
) -> None:
    for number in range(5):
        await cascade.patch({"n": number})
        if number < 3:
            await cascade.patch({"n": number}, "PROJECT")
    assert forget() == 2
    assert await versions(cascade) == [5, 4, 3]
    assert await versions(cascade, "PROJECT") == [3, 2, 1]
    assert forget() == 0


async def test_what_is_kept_can_be_gone_back_to_and_counted_on(
    cascade: Cascade, forget: Forget
) -> None:
    for number in range(5):
        await cascade.patch({"n": number})
    forget(versions=1)
    assert (await cascade.layer())["version"] == 5
    place = cascade.place("SHOT")
    refused = await cascade.told("rollbackToolSettings", **place, version=3)
    assert refused["issues"][0]["argument"] == "input.version"
    told = await cascade.told("rollbackToolSettings", **place, version=4, expectedVersion=5)
    assert told["settings"]["value"] == {"n": 3}
    assert (await cascade.layer())["version"] == 6


async def test_no_more_is_let_go_at_once_than_is_asked_for(
    cascade: Cascade, forget: Forget
) -> None:
    for number in range(9):
        await cascade.patch({"n": number})
    assert [forget(most=4) for _ in range(3)] == [4, 2, 0]


async def test_an_invitation_is_seen_for_a_while_after_it_held(
    studio: Studio, forget: Forget, followed: Followed, owner: psycopg.Connection
) -> None:
    user = studio.user()
    project = studio.project(user)
    young, old = (invitation(studio, project, days) for days in (29, 31))
    await followed.begin(user)
    assert forget() == 1
    left = owner.execute(
        "select id::text from project_invitations where project_id = %s", (project,)
    ).fetchall()
    assert left == [(young,)]
    event = await followed.one(user)
    assert told(event) == {("project_invitations", old, "DELETE")}
    assert event.reason == "invitation-expired"


async def test_an_upload_that_did_not_come_is_told_as_that(
    studio: Studio, gateway_url: str, followed: Followed
) -> None:
    project = studio.project(studio.user())
    made = str(uuid4())
    studio.insert(
        "assets",
        id=made,
        project_id=project,
        key=f"{project}/{made}.png",
        size=1,
        filename="a.png",
        content_type="image/png",
        upload_expires_at="2000-01-01",
    )
    await followed.begin(project)
    with machinery.opened(gateway_url) as opened:
        opened.sweep(MONTH, MONTH, 100, lambda key: None)
    event = await followed.one(project)
    assert (event.reason, event.scopes, told(event)) == (
        "upload-expired",
        (),
        {("assets", made, "UPDATE")},
    )


async def test_a_gateway_lets_go_by_itself(
    cascade: Cascade,
    studio: Studio,
    gateway_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(upkeep, "_SWEEP_SECONDS", 0)
    invitation(studio, cascade.project, 31)
    for number in range(5):
        await cascade.patch({"n": number})
    config = Config.model_validate({"data_folder": tmp_path, "settings_versions": 2})

    def left() -> Any:
        rows = [
            studio.owner.execute(f"select count(*) from {table} where project_id = %s", (id,))
            for table, id in (
                ("settings_revisions", cascade.project),
                ("project_invitations", cascade.project),
            )
        ]
        return [one.fetchone()[0] for one in rows]  # type: ignore[index]

    with Keeper(gateway_url, Links(config), config).running():
        assert comes_to(lambda: left() == [2, 0])


def comes_to(done: Callable[[], bool]) -> bool:
    """Whether it is so before long."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not done() and time.monotonic() < until:
        time.sleep(0.02)
    return done()


async def versions(cascade: Cascade, scope: str = "SHOT") -> list[int]:
    """The versions that the history tells of."""
    found = await cascade.history(scope)
    return [one["version"] for one in found["nodes"]]
