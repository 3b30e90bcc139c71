"""Uploads that nobody waits for or uses are deleted with their files; what is shown is kept."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from db import upkeep as machinery
from tests import gateways, nursery, samples
from tests.uploading import Gateway, Sender, put, running

DAY = timedelta(days=1)
# One after the other: whoever changes the first is taken to have got further just now.
LATER = (
    "update assets set upload_expires_at = upload_expires_at - interval '25 hours'"
    " where project_id = %s",
    "update assets set updated_at = updated_at - interval '25 hours' where project_id = %s",
)
WAITING = """
select count(*) from pg_stat_activity
where wait_event_type = 'Lock' and query like '%delete_unused_assets%'
  and datname = current_database()
"""
MUCH_LATER = "update leftover_files set at = at - interval '3 hours' where key like %s"


@pytest.fixture(scope="module")
def gateway(gateway_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running(gateway_url, tmp_path_factory.mktemp("data")) as gateway:
        yield gateway


@pytest.fixture
def sender(gateway: Gateway, owner: psycopg.Connection[Any]) -> Sender:
    return Sender(gateway, owner)


@pytest.fixture
def picture(tmp_path: Path) -> bytes:
    return samples.png(tmp_path / "fox.png", samples.drawing(700, 400)).read_bytes()


def swept(sender: Sender, gateway_url: str) -> list[str]:
    """What a sweep by hand tells."""
    settings = gateways.settings(gateway_url, sender.gateway.folder)
    done = nursery.run(settings, "assets", "sweep")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def later(sender: Sender) -> None:
    """A day and an hour go by."""
    for statement in LATER:
        sender.studio.owner.execute(statement, (sender.project,))


def much_later(sender: Sender) -> None:
    """Three hours go by since something was deleted."""
    sender.studio.owner.execute(MUCH_LATER, (f"{sender.project}/%",))


def files_of(sender: Sender) -> list[Path]:
    """All that is kept of a project, in any width."""
    found = sender.gateway.folder.rglob(f"{sender.project}/*")
    return sorted(path for path in found if path.is_file())


def used(sender: Sender, asset: str) -> str:
    """A generation made of an upload."""
    told = sender.told("createGeneration", projectId=sender.project, uploadId=asset)
    sender.settled(asset)
    return str(told["generation"]["id"])


def widths(sender: Sender, asset: str) -> None:
    """Looks at an upload in several widths."""
    query = "query ($id: ID!) { asset(id: $id) { a: url(width: 160) b: thumbUrl(width: 160) } }"
    for url in sender.ask(query, id=asset)["asset"].values():
        assert httpx.get(url).status_code == 200


def test_what_nobody_uses_goes_after_a_day_with_all_that_was_made_of_it(
    sender: Sender, gateway_url: str, picture: bytes
) -> None:
    asset = sender.send(picture)
    sender.settled_after_completing(asset)
    widths(sender, asset)
    assert len(files_of(sender)) == 4
    swept(sender, gateway_url)
    assert sender.asset(asset)["status"] == "READY"
    later(sender)
    swept(sender, gateway_url)
    assert sender.asset(asset) is None
    # Whatever is still on its way at this moment comes to its end first.
    assert len(files_of(sender)) == 4
    much_later(sender)
    swept(sender, gateway_url)
    assert files_of(sender) == []


def test_what_is_shown_is_kept_however_old(
    sender: Sender, gateway_url: str, picture: bytes
) -> None:
    asset = sender.send(picture)
    generation = used(sender, asset)
    for _ in range(2):
        later(sender)
        swept(sender, gateway_url)
        much_later(sender)
    assert httpx.get(sender.generation(generation)["url"]).content == picture
    assert httpx.get(sender.generation(generation)["thumbUrl"]).status_code == 200


def test_what_was_shown_goes_when_the_last_that_shows_it_is_deleted(
    sender: Sender, gateway_url: str, picture: bytes
) -> None:
    asset = sender.send(picture)
    first, second = used(sender, asset), used(sender, asset)
    later(sender)
    for generation, left in ((first, 2), (second, 0)):
        sender.told("deleteGenerations", ids=[generation])
        for _ in range(2):
            swept(sender, gateway_url)
            much_later(sender)
        assert len(files_of(sender)) == left


def test_a_take_that_is_not_primary_keeps_its_file(
    sender: Sender, gateway_url: str, picture: bytes
) -> None:
    asset, generation = sender.send(picture), sender.studio.generation(sender.project)
    sender.told("createVariant", generationId=generation, uploadId=asset)
    sender.settled(asset)
    later(sender)
    swept(sender, gateway_url)
    assert sender.asset(asset)["status"] == "READY"
    assert len(files_of(sender)) == 2


def test_an_upload_that_did_not_come_expires(
    sender: Sender, gateway_url: str, picture: bytes
) -> None:
    asset = sender.request(picture)["asset"]["id"]
    sender.studio.owner.execute(
        "update assets set upload_expires_at = now() - interval '1 second' where id = %s", (asset,)
    )
    swept(sender, gateway_url)
    assert sender.asset(asset)["status"] == "EXPIRED"
    for name, given in (
        ("completeUpload", {"id": asset}),
        ("createGeneration", {"projectId": sender.project, "uploadId": asset}),
    ):
        assert sender.told(name, **given)["reason"] == "NOT_UPLOADED"
    later(sender)
    swept(sender, gateway_url)
    assert sender.asset(asset) is None


def test_a_file_that_came_and_was_never_mentioned_again_is_removed(
    sender: Sender, gateway_url: str, picture: bytes
) -> None:
    sender.send(picture)
    later(sender)
    swept(sender, gateway_url)
    much_later(sender)
    swept(sender, gateway_url)
    assert files_of(sender) == []


def test_the_files_of_a_project_go_with_it(
    sender: Sender, gateway_url: str, picture: bytes
) -> None:
    used(sender, sender.send(picture))
    late = sender.request(picture)
    sender.studio.owner.execute("delete from projects where id = %s", (sender.project,))
    # Its link is still good: nobody knows of the project there.
    put(late["upload"], picture)
    assert len(files_of(sender)) == 3
    much_later(sender)
    swept(sender, gateway_url)
    assert files_of(sender) == []


def test_what_is_left_over_and_shown_elsewhere_is_kept_until_it_is_not(
    sender: Sender, gateway_url: str, picture: bytes
) -> None:
    generation = used(sender, sender.send(picture))
    location = sender.generation(generation)["location"]
    other = sender.studio.project(sender.viewer)
    copy = sender.studio.generation(other, location=location)
    sender.studio.owner.execute("delete from projects where id = %s", (sender.project,))
    much_later(sender)
    swept(sender, gateway_url)
    assert len(files_of(sender)) == 2
    sender.told("deleteGenerations", ids=[copy])
    much_later(sender)
    swept(sender, gateway_url)
    assert files_of(sender) == []


def test_files_that_are_no_uploads_are_never_touched(
    sender: Sender, gateway_url: str, picture: bytes
) -> None:
    imported = sender.gateway.media / sender.project / "ab" / "abc.png"
    imported.parent.mkdir(parents=True)
    imported.write_bytes(picture)
    later(sender)
    swept(sender, gateway_url)
    assert imported.read_bytes() == picture


def test_drafts_of_gateways_that_died_are_removed(sender: Sender, gateway_url: str) -> None:
    drafts = sender.gateway.media / ".drafts"
    drafts.mkdir(parents=True, exist_ok=True)
    fresh, old = drafts / "fresh", drafts / "old"
    for draft, age in ((fresh, 0), (old, 3 * 3600)):
        draft.write_bytes(b"half")
        os.utime(draft, (time.time() - age,) * 2)
    swept(sender, gateway_url)
    assert (fresh.exists(), old.exists()) == (True, False)


def test_whoever_makes_something_of_an_upload_is_waited_for_and_keeps_it(
    sender: Sender, picture: bytes, owner_url: str
) -> None:
    asset = sender.send(picture)
    sender.settled_after_completing(asset)
    later(sender)
    with psycopg.connect(owner_url) as making, ThreadPoolExecutor(1) as aside:
        making.execute("select from assets where id = %s for key share", (asset,))
        making.execute(
            "insert into generations (project_id, location)"
            " select project_id, 'media/' || key from assets where id = %s",
            (asset,),
        )
        sweeping = aside.submit(sweep_at_once, owner_url)
        until = time.monotonic() + 30
        while sender.studio.owner.execute(WAITING).fetchone() == (0,):
            assert time.monotonic() < until
            time.sleep(0.02)
        making.commit()
        sweeping.result(30)
    assert sender.asset(asset)["status"] == "READY"


def sweep_at_once(url: str) -> None:
    """Deletes what is not used."""
    with psycopg.connect(url) as sweeping:
        sweeping.execute(
            "select delete_unused_assets('24 hours', 10000, '-infinity', gen_random_uuid())"
        )


def test_all_that_is_used_is_looked_at_in_turns(
    sender: Sender, gateway_url: str, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machinery, "_SLICES", 1)
    for _ in range(3):
        used(sender, sender.send(picture))
    unused = sender.send(picture)
    sender.settled_after_completing(unused)
    later(sender)
    with machinery.opened(gateway_url) as opened:
        # One at a time: whoever began anew each time would never come to the last.
        rounds = (opened.sweep(DAY, DAY, 1, lambda key: None) for _ in range(200))
        assert any(swept.is_last for swept in rounds)
    assert sender.asset(unused) is None
    assert sender.studio.owner.execute(
        "select count(*) from assets where project_id = %s", (sender.project,)
    ).fetchone() == (3,)


def test_a_sweep_ends_and_tells_what_it_did(
    sender: Sender, gateway_url: str, picture: bytes
) -> None:
    for _ in range(3):
        sender.request(picture)
    later(sender)
    told = swept(sender, gateway_url)
    assert [line.partition(" ")[2] for line in told] == [
        "uploads expired",
        "unused uploads deleted",
        "files removed",
    ]
    assert int(told[0].split()[0]) >= 3
