"""Uploads are announced by those who may, used in their project, and outlive their gateway."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests import samples
from tests.uploading import Gateway, Sender, put, running

STUCK = """
select count(*) from pg_stat_activity
where wait_event_type = 'Lock' and query like '%finish_asset%' and datname = current_database()
"""


@pytest.fixture(scope="module")
def gateway(gateway_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("data")
    with running(gateway_url, folder, DAILIES_UPLOAD_LIMIT="1000000") as gateway:
        yield gateway


@pytest.fixture
def sender(gateway: Gateway, owner: psycopg.Connection[Any]) -> Sender:
    return Sender(gateway, owner)


@pytest.fixture
def picture(tmp_path: Path) -> bytes:
    return samples.png(tmp_path / "fox.png").read_bytes()


def guest(sender: Sender) -> str:
    """Somebody who may look at the project, but change nothing."""
    return member(sender, "viewer")


def member(sender: Sender, role: str) -> str:
    """Somebody else in the project."""
    made = sender.studio.user()
    sender.studio.insert_member(sender.project, made, role)
    return made


def test_what_is_announced_is_told_back(sender: Sender, picture: bytes) -> None:
    requested = sender.request(picture, filename="C:\\films\\../fox é.png")
    asset = requested["asset"]
    assert (asset["filename"], asset["status"], asset["bucket"]) == (
        "fox é.png",
        "PENDING",
        "MEDIA",
    )
    assert (asset["size"], asset["url"], asset["thumbUrl"]) == (len(picture), None, None)
    assert requested["upload"]["method"] == "PUT"
    assert requested["upload"]["url"].startswith(f"{sender.gateway.address}/uploads/")
    assert [header["name"] for header in requested["upload"]["headers"]] == [
        "Content-Type",
        "Content-Length",
    ]
    assert asset["uploadExpiresAt"] > time.strftime("%Y-%m-%dT%H:%M", time.gmtime())


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"contentType": "image/svg+xml"}, "contentType"),
        ({"contentType": "text/html"}, "contentType"),
        ({"contentType": "image/png; charset=utf-8"}, "contentType"),
        ({"contentType": "IMAGE/PNG"}, "contentType"),
        ({"size": 0}, "size"),
        ({"size": 1_000_001}, "size"),
        ({"sha256": "abc"}, "sha256"),
        ({"sha256": "A" * 64}, "sha256"),
        ({"filename": ""}, "filename"),
        ({"filename": "films/"}, "filename"),
        ({"filename": "x" * 256}, "filename"),
        ({"id": "nonsense"}, "id"),
    ],
)
def test_what_cannot_be_taken_names_its_argument(
    sender: Sender, picture: bytes, given: dict[str, Any], argument: str
) -> None:
    told = sender.request(picture, **given)
    assert [issue["argument"] for issue in told["issues"]] == [f"input.{argument}"]


def test_a_guest_announces_nothing_and_a_stranger_finds_no_project(
    sender: Sender, picture: bytes
) -> None:
    given = {"filename": "a.png", "contentType": "image/png", "size": len(picture)}
    told = sender.told("requestUpload", guest(sender), projectId=sender.project, **given)
    assert (told["code"], told["reason"]) == ("REFUSED", "READ_ONLY")
    stranger = sender.studio.user()
    answers = [
        sender.told("requestUpload", stranger, projectId=one, **given)
        for one in (sender.project, str(uuid4()))
    ]
    assert answers[0] == answers[1]
    assert (answers[0]["code"], answers[0]["argument"]) == ("NOT_FOUND", "input.projectId")


def test_an_upload_of_another_project_is_as_good_as_none(sender: Sender, picture: bytes) -> None:
    asset = sender.send(picture)
    stranger = sender.studio.user()
    own = sender.studio.project(stranger)
    made = sender.studio.generation(own)
    for name, given in (
        ("createGeneration", {"projectId": own}),
        ("createVariant", {"generationId": made}),
    ):
        told = [sender.told(name, stranger, uploadId=one, **given) for one in (asset, str(uuid4()))]
        assert told[0] == told[1]
        assert (told[0]["code"], told[0]["argument"]) == ("NOT_FOUND", "input.uploadId")
    told = [sender.told("completeUpload", stranger, id=one) for one in (asset, str(uuid4()))]
    assert told[0] == told[1]
    assert sender.asset(asset, stranger) is None
    assert sender.asset(asset)["status"] == "PENDING"


def test_an_upload_stays_in_its_project(sender: Sender, picture: bytes) -> None:
    asset = sender.send(picture)
    other = sender.studio.project(sender.viewer)
    made = sender.studio.generation(other)
    for name, given in (
        ("createGeneration", {"projectId": other}),
        ("createVariant", {"generationId": made}),
    ):
        told = sender.told(name, uploadId=asset, **given)
        assert (told["code"], told["argument"]) == ("NOT_FOUND", "input.uploadId")
    assert sender.generation(made)["variantCount"] == 1


def test_a_guest_sees_a_file_and_uses_it_for_nothing(sender: Sender, picture: bytes) -> None:
    asset, looker = sender.send(picture), guest(sender)
    for name, given in (
        ("completeUpload", {"id": asset}),
        ("createGeneration", {"projectId": sender.project, "uploadId": asset}),
    ):
        told = sender.told(name, looker, **given)
        assert (told["code"], told["reason"]) == ("REFUSED", "READ_ONLY")
    assert sender.asset(asset, looker)["status"] == "PENDING"


def test_a_file_for_training_is_seen_by_its_uploader_alone(sender: Sender, picture: bytes) -> None:
    asset = sender.send(picture, bucket="TRAINING")
    assert sender.settled_after_completing(asset)["status"] == "READY"
    other = member(sender, "owner")
    assert sender.asset(asset, other) is None
    given = {"projectId": sender.project, "uploadId": asset}
    assert sender.told("createGeneration", other, **given)["code"] == "NOT_FOUND"
    told = sender.told("createGeneration", **given)
    assert [issue["argument"] for issue in told["issues"]] == ["input.uploadId"]


def test_nothing_is_made_of_a_file_that_has_not_arrived(sender: Sender, picture: bytes) -> None:
    asset = sender.request(picture)["asset"]["id"]
    made = sender.studio.generation(sender.project)
    for name, given in (
        ("completeUpload", {"id": asset}),
        ("createGeneration", {"projectId": sender.project, "uploadId": asset}),
        ("createVariant", {"generationId": made, "uploadId": asset}),
    ):
        told = sender.told(name, **given)
        assert (told["code"], told["reason"]) == ("REFUSED", "NOT_UPLOADED")
    assert sender.asset(asset)["status"] == "PENDING"


@pytest.mark.parametrize("argument", ["location", "thumbnailUrl"])
def test_a_file_is_uploaded_or_elsewhere_and_not_both(
    sender: Sender, picture: bytes, argument: str
) -> None:
    given = {"uploadId": sender.send(picture), argument: "https://example.org/a.png"}
    told = sender.told("createGeneration", projectId=sender.project, **given)
    assert [issue["argument"] for issue in told["issues"]] == [f"input.{argument}"]


def test_completing_again_changes_nothing(sender: Sender, picture: bytes) -> None:
    asset = sender.send(picture)
    ready = sender.settled_after_completing(asset)
    assert sender.told("completeUpload", id=asset)["asset"] == ready


def test_a_file_that_is_not_what_was_announced_fails(sender: Sender, picture: bytes) -> None:
    requested = sender.request(picture)
    path = sender.path(requested["asset"]["id"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"GIF89a" + picture[6:])
    told = sender.told("completeUpload", id=requested["asset"]["id"])
    assert told["asset"]["status"] == "FAILED"
    assert told["asset"]["error"] == "It is image/gif where image/png was announced."


def test_a_client_may_choose_the_id_and_is_told_when_it_is_there_already(
    sender: Sender, picture: bytes
) -> None:
    own = str(uuid4())
    first, again = (sender.request(picture, id=own) for _ in range(2))
    assert first["asset"]["id"] == own
    assert (again["code"], again["current"]) == ("CONFLICT", first["asset"])
    other = Sender(sender.gateway, sender.studio.owner)
    foreign = other.request(picture, id=own)
    assert (foreign["code"], foreign["current"]) == ("CONFLICT", None)


def test_an_asset_is_a_node(sender: Sender, picture: bytes) -> None:
    asset = sender.send(picture)
    query = "query ($id: ID!) { node(id: $id) { __typename id } }"
    assert sender.ask(query, id=asset)["node"] == {"__typename": "Asset", "id": asset}


def test_a_file_that_arrived_before_its_gateway_died_is_not_lost(
    gateway_url: str, owner: psycopg.Connection[Any], tmp_path: Path, picture: bytes
) -> None:
    with running(gateway_url, tmp_path / "data") as first:
        sender = Sender(first, owner)
        asset = sender.send(picture)
        first.kill()
    with running(gateway_url, tmp_path / "data") as second:
        sender.gateway = second
        told = sender.told("createGeneration", projectId=sender.project, uploadId=asset)
        assert sender.settled(asset)["status"] == "READY"
        assert sender.generation(told["generation"]["id"])["thumbnailUrl"]


def test_a_thumbnail_is_made_by_the_next_gateway_when_one_dies_of_it(
    gateway_url: str,
    owner: psycopg.Connection[Any],
    new_connection: Callable[[], psycopg.Connection[Any]],
    tmp_path: Path,
    picture: bytes,
) -> None:
    holder = new_connection()
    with running(gateway_url, tmp_path / "data") as first:
        sender = Sender(first, owner)
        asset = sender.send(picture)
        # Whoever makes something of it is waited for, and here takes for ever.
        holder.execute("select from assets where id = %s for key share", (asset,))
        made = sender.told("createGeneration", projectId=sender.project, uploadId=asset)
        until = time.monotonic() + 30
        while owner.execute(STUCK).fetchone() == (0,):
            assert time.monotonic() < until
            time.sleep(0.02)
        first.kill()
    holder.rollback()
    assert owner.execute("select status from assets where id = %s", (asset,)).fetchone() == (
        "uploaded",
    )
    with running(gateway_url, tmp_path / "data") as second:
        sender.gateway = second
        assert sender.settled(asset)["status"] == "READY"
        assert sender.generation(made["generation"]["id"])["thumbnailUrl"]


def test_two_gateways_make_one_thumbnail_each(
    gateway_url: str, owner: psycopg.Connection[Any], tmp_path: Path, picture: bytes
) -> None:
    with (
        running(gateway_url, tmp_path / "data") as first,
        running(gateway_url, tmp_path / "data") as second,
    ):
        sender = Sender(first, owner)
        assets = [sender.send(picture) for _ in range(6)]
        for index, asset in enumerate(assets):
            sender.gateway = (first, second)[index % 2]
            sender.told("completeUpload", id=asset)
        settled = [sender.settled(asset) for asset in assets]
    assert {one["status"] for one in settled} == {"READY"}
    # Announced, arrived, measured: each counts once.
    assert {one["version"] for one in settled} == {3}


def test_a_link_is_good_for_one_asset(sender: Sender, picture: bytes) -> None:
    first, second = (sender.request(picture) for _ in range(2))
    assert put(first["upload"], picture).status_code == 204
    told = sender.told("completeUpload", id=second["asset"]["id"])
    assert told["reason"] == "NOT_UPLOADED"
