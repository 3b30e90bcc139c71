"""Whoever loses the right to change things meanwhile is told so, or has changed them before.

Made from the schema: a mutation that is written today is raced against a demotion today.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import errors

from tests import attacks, gates
from tests.asking import Asking
from tests.attacks import FIELDS, PROBLEMS, Written
from tests.clusters import Ids
from tests.scenes import Scene
from tests.studio import Studio
from tests.waiting import WAITING

# How somebody's right is taken away, and what they are told then.
LOSSES = {
    "demoted": ("update project_members set role = 'viewer'", ["Refused"]),
    "removed": ("delete from project_members", ["NotFound", "Refused"]),
}
# What only whose project it is may do, who stays its owner.
OTHERS = ("handOverProject",)
RIGHTFUL = [
    name
    for name in FIELDS
    if (attacks.about_others(name) or name in attacks.HIDDEN) and name not in OTHERS
]
every_mutation = pytest.mark.parametrize("name", RIGHTFUL)
every_loss = pytest.mark.parametrize("loss", LOSSES)


@pytest.fixture(scope="module")
def scene(owner_url: str, asking: Asking) -> Iterator[Scene]:
    with psycopg.connect(owner_url, autocommit=True) as owner, gates.hung(owner):
        owner.execute("set lock_timeout = '100ms'")
        yield Scene(owner, asking)


@pytest.fixture
def other(owner_url: str) -> Iterator[psycopg.Connection[Any]]:
    """Somebody whose transaction has not ended yet."""
    with psycopg.connect(owner_url) as connection:
        yield connection
        connection.rollback()


class Race:
    """A mutation by somebody who owns a project together with others."""

    def __init__(self, scene: Scene, name: str) -> None:
        self.scene = scene
        self.name = name
        self.own: Ids = scene.fresh()
        self.person = Studio(scene.owner).user()
        Studio(scene.owner).insert_member(self.own["Project"][0], self.person, "owner")
        self.before = self.now()

    def begin(self) -> "asyncio.Task[Any]":
        """Send it."""
        given = Written(self.own).input(self.name)
        return asyncio.create_task(self.scene.ask(self.name, given, self.person))

    def lose(self, loss: str, somebody: psycopg.Connection[Any]) -> None:
        """Take the right away."""
        text: Any = f"{LOSSES[loss][0]} where project_id = %s and user_id = %s"
        somebody.execute(text, (self.own["Project"][0], self.person))

    def now(self) -> Any:
        """All that is in the project, but for who takes part in it."""
        state = self.scene.state(self.own["Project"], self.person)
        return {name: digest for name, digest in state.items() if name != "project_members"}


@every_loss
@every_mutation
async def test_who_loses_the_right_at_the_same_time_is_refused(
    name: str, loss: str, scene: Scene, other: psycopg.Connection[Any]
) -> None:
    race = Race(scene, name)
    race.lose(loss, other)
    asked = race.begin()
    assert await waits(scene, asked)
    other.commit()
    told = await asked
    assert told["__typename"] in LOSSES[loss][1]
    assert told.get("reason") in (None, "READ_ONLY")
    assert race.now() == race.before


@every_loss
@every_mutation
async def test_nobody_loses_the_right_in_the_middle_of_a_change(
    name: str, loss: str, scene: Scene, other: psycopg.Connection[Any]
) -> None:
    race = Race(scene, name)
    gates.close(other)
    asked = race.begin()
    if await waits(scene, asked):
        with pytest.raises(errors.LockNotAvailable):
            race.lose(loss, scene.owner)
    else:
        assert race.now() == race.before
    other.commit()
    assert (await asked)["__typename"] not in PROBLEMS


async def waits(scene: Scene, asked: "asyncio.Task[Any]") -> bool:
    """Whether it waits for somebody, or has ended without."""
    while not asked.done():
        if scene.owner.execute(WAITING).fetchone():
            return True
        await asyncio.sleep(0.01)
    return False
