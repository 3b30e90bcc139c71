"""Files get their thumbnails in turns: one that fails keeps no other waiting, nor for ever."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest

from db import upkeep
from tests import samples, stores
from tests.stores import Asked, Store
from tests.uploading import Gateway, Sender, put, running

PATIENCE_SECONDS = 30
Start = Callable[[], Gateway]

OPEN = """
select count(*) from pg_stat_activity
where state like 'idle in transaction%' and datname = current_database()
"""


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with stores.running() as store:
        yield store


@pytest.fixture
def start(store: Store, gateway_url: str, tmp_path: Path) -> Iterator[Start]:
    """Starts a gateway; there is no other."""
    with ExitStack() as started:
        yield lambda: started.enter_context(
            running(gateway_url, tmp_path / "data", **store.settings)
        )
        store.go_on()


@pytest.fixture
def sender(start: Start, owner: psycopg.Connection[Any]) -> Sender:
    # What other tests have left waiting would be looked at first.
    owner.execute("update assets set status = 'expired' where status = 'uploaded'")
    return Sender(start(), owner)


@pytest.fixture
def picture(tmp_path: Path) -> bytes:
    return samples.png(tmp_path / "fox.png").read_bytes()


def completed(sender: Sender, picture: bytes) -> str:
    """A file announced, sent and completed; the id of its asset."""
    requested = sender.request(picture)
    assert put(requested["upload"], picture).status_code == 200
    asset = str(requested["asset"]["id"])
    assert sender.told("completeUpload", id=asset)["asset"]["error"] is None
    return asset


def loading(asset: str) -> Callable[[Asked], bool]:
    """Whether the whole file of an asset is asked for, as it is for a thumbnail."""

    def concerns(asked: Asked) -> bool:
        is_whole = asked["REQUEST_METHOD"] == "GET" and "HTTP_RANGE" not in asked
        return is_whole and asset in asked["PATH_INFO"]

    return concerns


def announced(sender: Sender, picture: bytes, store: Store, *, hangs: bool) -> str:
    """An upload that is completed, and whose file then hangs or is refused."""
    requested = sender.request(picture)
    put(requested["upload"], picture)
    asset = str(requested["asset"]["id"])
    if hangs:
        store.hang(loading(asset))
    else:
        store.way = lambda asked: not loading(asset)(asked)
    assert sender.told("completeUpload", id=asset)["asset"]["status"] == "UPLOADED"
    return asset


def turns(sender: Sender, asset: str) -> int:
    """The turn that a file is waiting for."""
    row = sender.studio.owner.execute(
        "select attempts from assets where id = %s", (asset,)
    ).fetchone()
    assert row
    return int(row[0])


def comes_to(done: Callable[[], bool]) -> bool:
    """Whether it is so before long."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not done() and time.monotonic() < until:
        time.sleep(0.02)
    return done()


def comes_to_turn(sender: Sender, asset: str, turn: int) -> bool:
    """Whether a file is put back, to wait for that turn."""
    return comes_to(lambda: turns(sender, asset) == turn)


def hours_go_by(sender: Sender, asset: str) -> None:
    """Whatever the file is waiting for has come."""
    sender.studio.owner.execute(
        "update assets set updated_at = updated_at - interval '5 hours' where id = %s", (asset,)
    )


def test_a_file_that_always_fails_lets_others_go_first_and_is_given_up(
    sender: Sender, store: Store, picture: bytes
) -> None:
    failing = announced(sender, picture, store, hangs=False)
    for turn in range(2, upkeep.TURNS + 1):
        assert comes_to_turn(sender, failing, turn)
        assert sender.settled(completed(sender, picture))["status"] == "READY"
        assert (sender.asset(failing)["status"], turns(sender, failing)) == ("UPLOADED", turn)
        hours_go_by(sender, failing)
    failed = sender.settled(failing)
    assert (failed["status"], failed["error"]) == (
        "FAILED",
        f"It could not be looked at, at {upkeep.TURNS} different times.",
    )


def test_a_file_that_failed_once_is_looked_at_again(
    sender: Sender, store: Store, picture: bytes
) -> None:
    asset = announced(sender, picture, store, hangs=False)
    assert comes_to_turn(sender, asset, 2)
    store.go_on()
    hours_go_by(sender, asset)
    assert sender.settled(asset)["status"] == "READY"


def test_while_a_file_is_loaded_no_transaction_is_open_and_it_may_be_deleted(
    sender: Sender, store: Store, picture: bytes
) -> None:
    announced(sender, picture, store, hangs=True)
    store.until_waiting(1)
    owner = sender.studio.owner
    assert comes_to(lambda: owner.execute(OPEN).fetchone() == (0,))
    owner.execute("set lock_timeout = '5s'")
    owner.execute("delete from projects where id = %s", (sender.project,))
    owner.execute("reset lock_timeout")
    store.go_on()
    other = Sender(sender.gateway, owner)
    assert other.settled(completed(other, picture))["status"] == "READY"


def test_what_became_of_a_file_while_it_was_loaded_is_not_undone(
    sender: Sender, store: Store, picture: bytes
) -> None:
    asset = announced(sender, picture, store, hangs=True)
    store.until_waiting(1)
    sender.studio.owner.execute(
        "update assets set status = 'failed', error = 'No.' where id = %s", (asset,)
    )
    store.go_on()
    assert sender.settled(completed(sender, picture))["status"] == "READY"
    assert (sender.asset(asset)["status"], sender.asset(asset)["thumbUrl"]) == ("FAILED", None)


def test_a_file_is_loaded_by_one_gateway_and_by_the_next_when_that_dies(
    sender: Sender, start: Start, store: Store, picture: bytes
) -> None:
    asset = announced(sender, picture, store, hangs=True)
    store.until_waiting(1)
    first, sender.gateway = sender.gateway, start()
    assert sender.settled(completed(sender, picture))["status"] == "READY"
    assert store.waiting == 1
    first.kill()
    store.go_on()
    assert sender.settled(asset)["status"] == "READY"
    assert turns(sender, asset) == 1
