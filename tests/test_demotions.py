"""Whoever loses the right to change things meanwhile is told so, or has changed them before."""

import asyncio
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import errors

from tests.agreement import primary
from tests.asking import Asking
from tests.making import Making
from tests.studio import Studio
from tests.waiting import waiting

DEMOTED = "update project_members set role = 'viewer' where user_id = %s"
CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("renameGeneration", {"name": "Dusk"}),
    ("renameVariant", {"name": "Dusk"}),
]


@pytest.fixture
def making(asking: Asking, studio: Studio) -> Making:
    return Making(asking, studio)


@pytest.fixture
def other(owner_url: str) -> Iterator[psycopg.Connection[Any]]:
    """Somebody whose transaction has not ended yet."""
    with psycopg.connect(owner_url) as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize(("name", "given"), CHANGES)
async def test_who_loses_the_right_at_the_same_time_is_refused(
    making: Making, other: psycopg.Connection, name: str, given: dict[str, Any]
) -> None:
    editor, made = making.editor(), ids(making)
    other.execute(DEMOTED, (editor,))
    asked = asyncio.create_task(making.told(name, editor, id=made[name], **given))
    await waiting(making.studio.owner)
    other.commit()
    told = await asked
    assert (told["code"], told["reason"]) == ("REFUSED", "READ_ONLY")
    assert (await making.seen(made["renameGeneration"]))["version"] == 1


@pytest.mark.parametrize(("name", "given"), CHANGES)
async def test_nobody_loses_the_right_in_the_middle_of_a_change(
    making: Making, other: psycopg.Connection, name: str, given: dict[str, Any]
) -> None:
    editor, made = making.editor(), ids(making)
    other.execute(
        "select from generation_variants where id = %s for update", (made["renameVariant"],)
    )
    asked = asyncio.create_task(making.told(name, editor, id=made[name], **given))
    await waiting(making.studio.owner)
    making.studio.owner.execute("set lock_timeout = '100ms'")
    with pytest.raises(errors.LockNotAvailable):
        making.studio.owner.execute(DEMOTED, (editor,))
    other.commit()
    assert (await asked)["__typename"].endswith("Changed")
    assert (await making.seen(made["renameGeneration"]))["name"] == "Dusk"


def ids(making: Making) -> dict[str, str]:
    """A generation and its take, by what renames them."""
    made = making.generation(name="Dawn")
    return {"renameGeneration": made, "renameVariant": primary(making.studio, made)}
