"""The feed on the command line: followed by people, pruned, and begun anew after a restore."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from db.events import Change, Event, Kind, Op, Place
from server import telling
from tests import gateways
from tests.nursery import Command
from tests.studio import Studio

Begun = Callable[..., Command]


@pytest.fixture
def command(gateway_url: str, tmp_path: Path) -> Iterator[Begun]:
    """Begins a `dailies feed` command on the tests' own database."""
    begun: list[Command] = []

    def begin(*words: str) -> Command:
        begun.append(Command(gateways.settings(gateway_url, tmp_path), "feed", *words))
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
        process.wait()


def test_a_project_is_followed_until_one_has_seen_enough(command: Begun, studio: Studio) -> None:
    project = studio.project(studio.user())
    process = command("tail", "--project", project)
    assert process.stdout.readline() == f"at 1 of {project}\n"
    with studio.owner.transaction():
        studio.owner.execute("select set_config('dailies.reason', 'metadata-update', true)")
        studio.insert("runs", project_id=project)
        studio.shot(project)
    line = process.stdout.readline()
    assert "  2  metadata-update  METADATA,SHOTS  insert 1 runs  insert 1 shots" in line
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")


def test_what_a_user_keeps_for_themselves_is_followed(command: Begun, studio: Studio) -> None:
    user = studio.user()
    process = command("tail", "--user", user)
    process.stdout.readline()
    studio.owner.execute("update users set name = 'Dawn' where id = %s", (user,))
    assert "external  update 1 users" in process.stdout.readline()


@pytest.mark.parametrize(
    "words",
    [(), ("--project", str(uuid4()), "--user", str(uuid4())), ("--project", "nonsense")],
)
def test_what_is_followed_must_be_named(command: Begun, words: tuple[str, ...]) -> None:
    process = command("tail", *words)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert len(errors.splitlines()) == 1


def test_an_event_is_one_line() -> None:
    place = Place(str(uuid4()), str(uuid4()), 7)
    changes = tuple(Change("runs", str(uuid4()), Op.UPDATE, ()) for _ in range(2))
    told: dict[str, Any] = {"at": "2026-01-01T00:00:00.000000Z", "reason": "why", "origin": "mine"}
    assert telling.worded(Event(place, Kind.CHANGE, changes=changes, **told)) == (
        "2026-01-01T00:00:00.000000Z  7  why  update 2 runs  origin mine"
    )
    assert telling.worded(Event(place, Kind.BULK, tables=("runs", "shots"), reason="why")) == (
        "7  why  bulk runs  bulk shots"
    )
    assert telling.worded(Event(place, Kind.RESYNC)) == "7  resync"


def test_pruning_tells_what_it_did(command: Begun) -> None:
    words, errors = command("prune").communicate(timeout=60)
    assert (words, errors) == ("0 of 8 slots emptied\n", "")


def test_a_new_epoch_is_begun(command: Begun, owner: psycopg.Connection) -> None:
    words, errors = command("renew").communicate(timeout=60)
    found = owner.execute("select epoch::text from feed").fetchall()
    assert (found, errors) == ([(words.strip(),)], "")
