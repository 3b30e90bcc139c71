"""Files are sent to a running gateway: whole, once, and as they were announced."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from PIL import Image

from media.tickets import Ticket, Tickets
from server.config import Config
from tests import samples
from tests.gateways import SECRET
from tests.uploading import Gateway, Sender, fingerprint, put, running


@pytest.fixture(scope="module")
def gateway(gateway_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running(gateway_url, tmp_path_factory.mktemp("data")) as gateway:
        yield gateway


@pytest.fixture
def sender(gateway: Gateway, owner: psycopg.Connection[Any]) -> Sender:
    return Sender(gateway, owner)


@pytest.fixture
def picture(tmp_path: Path) -> bytes:
    return samples.png(tmp_path / "fox.png", samples.drawing(900, 600)).read_bytes()


def code(response: httpx.Response) -> tuple[int, str]:
    """How a request was refused."""
    return response.status_code, response.json()["errors"][0]["extensions"]["code"]


def nothing_is_kept(sender: Sender) -> bool:
    """Whether no file has been left anywhere."""
    found = sender.gateway.media.rglob("*")
    return not [path for path in found if path.is_file() and sender.project in str(path)]


def test_a_picture_becomes_a_generation_with_a_thumbnail(sender: Sender, picture: bytes) -> None:
    asset = sender.send(picture)
    made = sender.told("createGeneration", projectId=sender.project, uploadId=asset)["generation"]
    assert (made["type"], made["byteSize"], made["unviewedVariantCount"]) == (
        "image",
        len(picture),
        0,
    )
    assert httpx.get(made["url"]).content == picture
    ready = sender.settled(asset)
    assert (ready["status"], ready["width"], ready["height"]) == ("READY", 900, 600)
    shown = sender.generation(made["id"])
    assert (shown["width"], shown["height"], shown["blurhash"]) == (900, 600, ready["blurhash"])
    assert shown["primaryVariant"]["blurhash"] == ready["blurhash"]
    assert (shown["version"], shown["primaryVariant"]["version"]) == (1, 1)
    thumbnail = httpx.get(shown["thumbUrl"])
    assert thumbnail.headers["content-type"] == "image/webp"
    assert size(thumbnail.content, sender.gateway.folder) == (512, 341)


def test_a_video_becomes_one_that_plays(sender: Sender, tmp_path: Path) -> None:
    content = samples.video(tmp_path / "fox.mp4").read_bytes()
    asset = sender.send(content, "video/mp4")
    assert sender.settled_after_completing(asset)["duration"] == pytest.approx(2, abs=0.2)
    made = sender.told("createGeneration", projectId=sender.project, uploadId=asset)["generation"]
    assert (made["type"], made["mediaType"]) == ("video", "VIDEO")
    assert made["thumbUrl"]
    part = httpx.get(made["url"], headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, content[:10])


def test_a_gif_that_moves_is_a_video(sender: Sender, tmp_path: Path) -> None:
    asset = sender.send(samples.animated_gif(tmp_path / "fox.gif").read_bytes(), "image/gif")
    sender.settled_after_completing(asset)
    made = sender.told("createGeneration", projectId=sender.project, uploadId=asset)
    assert made["generation"]["type"] == "video"


def test_an_upload_may_be_used_many_times(sender: Sender, picture: bytes) -> None:
    asset = sender.send(picture)
    first, second = (
        sender.told("createGeneration", projectId=sender.project, uploadId=asset)["generation"]
        for _ in range(2)
    )
    assert first["id"] != second["id"]
    assert first["location"] == second["location"]
    told = sender.told("createVariant", generationId=first["id"], uploadId=asset)
    assert told["variant"]["location"] == first["location"]
    assert told["variant"]["viewedAt"]
    sender.settled(asset)
    seen = [sender.generation(one["id"])["thumbnailUrl"] for one in (first, second)]
    assert seen[0] == seen[1]
    assert seen[0]


def test_what_is_made_before_and_after_the_measuring_is_the_same(
    sender: Sender, picture: bytes
) -> None:
    asset = sender.send(picture)
    given = {"projectId": sender.project, "uploadId": asset}
    early = sender.told("createGeneration", **given)["generation"]["id"]
    sender.settled(asset)
    late = sender.told("createGeneration", **given)["generation"]["id"]
    names = ("width", "height", "duration", "thumbnailUrl", "blurhash", "byteSize", "type")
    shown = [[sender.generation(one)[name] for name in names] for one in (early, late)]
    assert shown[0] == shown[1]


@pytest.mark.parametrize("name", ["size", "type", "key", "expires", "signature", "sha256"])
def test_a_link_that_was_changed_is_refused(sender: Sender, picture: bytes, name: str) -> None:
    upload = sender.request(picture, sha256=fingerprint(picture))["upload"]
    url = httpx.URL(upload["url"])
    changed = {
        "size": url.copy_set_param("size", str(len(picture) + 1)),
        "type": url.copy_set_param("type", "image/gif"),
        "key": url.copy_with(path=url.path.replace(".png", ".gif")),
        "expires": url.copy_set_param("expires", "99999999999"),
        "signature": url.copy_set_param("signature", "x" * 43),
        "sha256": url.copy_remove_param("sha256"),
    }[name]
    answer = put(upload | {"url": str(changed)}, picture)
    assert code(answer) == (403, "FORBIDDEN")
    assert nothing_is_kept(sender)


@pytest.mark.parametrize("path", ["../../secret.png", "%2e%2e/%2e%2e/secret.png", "a//b.png"])
def test_no_other_place_can_be_written_to(sender: Sender, picture: bytes, path: str) -> None:
    upload = sender.request(picture)["upload"]
    query = upload["url"].partition("?")[2]
    url = f"{sender.gateway.address}/uploads/{sender.project}/{path}?{query}"
    assert put(upload | {"url": url}, picture).status_code in (403, 404, 405)
    assert nothing_is_kept(sender)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "image/gif"}, 415),
        ({"Content-Type": ""}, 415),
        ({"Content-Encoding": "gzip"}, 415),
    ],
)
def test_headers_must_be_those_that_were_told(
    sender: Sender, picture: bytes, headers: dict[str, str], status: int
) -> None:
    assert put(sender.request(picture)["upload"], picture, **headers).status_code == status
    assert nothing_is_kept(sender)


def test_another_size_than_announced_is_refused(sender: Sender, picture: bytes) -> None:
    for content in (picture + b"x", picture[:-1]):
        upload = sender.request(picture)["upload"]
        answer = put(upload, content, **{"Content-Length": str(len(content))})
        assert code(answer) == (400, "BAD_USER_INPUT")
    assert nothing_is_kept(sender)


def test_a_body_of_unknown_length_is_refused(sender: Sender, picture: bytes) -> None:
    upload = sender.request(picture)["upload"]
    answer = httpx.put(
        upload["url"], content=iter([picture]), headers={"Content-Type": "image/png"}
    )
    assert code(answer) == (411, "BAD_USER_INPUT")
    assert nothing_is_kept(sender)


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script>" + b" " * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>" + b" " * 100,
        b"GIF89a" + b"\0" * 100,
        b"MZ" + b"\0" * 2_000_000,
        b"x",
    ],
    ids=["html", "svg", "another kind", "a program", "one byte"],
)
def test_what_is_not_what_it_says_is_refused(sender: Sender, content: bytes) -> None:
    requested = sender.request(content)
    try:
        answer = put(requested["upload"], content)
        assert code(answer) == (415, "UNSUPPORTED_MEDIA_TYPE")
    except httpx.WriteError:
        # It hung up before all was sent, which is answer enough.
        pass
    assert nothing_is_kept(sender)
    told = sender.told("completeUpload", id=requested["asset"]["id"])
    assert (told["code"], told["reason"]) == ("REFUSED", "NOT_UPLOADED")


def test_a_file_that_was_harmed_on_the_way_is_refused(sender: Sender, picture: bytes) -> None:
    upload = sender.request(picture, sha256=fingerprint(picture))["upload"]
    harmed = picture[:-20] + bytes(20)
    assert code(put(upload, harmed)) == (400, "BAD_USER_INPUT")
    assert nothing_is_kept(sender)
    assert put(upload, picture).status_code == 204


def test_a_body_that_ends_early_leaves_nothing_and_can_be_sent_again(
    sender: Sender, picture: bytes
) -> None:
    requested = sender.request(picture)
    place = urlsplit(requested["upload"]["url"])
    assert place.hostname is not None
    with socket.create_connection((place.hostname, place.port or 80)) as line:
        head = (
            f"PUT {place.path}?{place.query} HTTP/1.1\r\nHost: x\r\n"
            f"Content-Type: image/png\r\nContent-Length: {len(picture)}\r\n\r\n"
        )
        line.sendall(head.encode() + picture[: len(picture) // 2])
    told = sender.told("completeUpload", id=requested["asset"]["id"])
    assert told["reason"] == "NOT_UPLOADED"
    drafts = sender.gateway.media / ".drafts"
    until = time.monotonic() + 20
    while any(drafts.iterdir()):
        assert time.monotonic() < until
        time.sleep(0.02)
    assert put(requested["upload"], picture).status_code == 204


def test_an_upload_is_completed_at_the_version_that_is_known(
    sender: Sender, picture: bytes
) -> None:
    asset = sender.send(picture)
    late = sender.told("completeUpload", id=asset, expectedVersion=7)
    assert (late["__typename"], late["current"]["status"]) == ("Conflict", "PENDING")
    known = {"id": asset, "expectedVersion": late["current"]["version"]}
    assert sender.told("completeUpload", **known)["asset"]["status"] == "UPLOADED"
    again = sender.told("completeUpload", **known)
    assert again["__typename"] == "UploadCompleted"


def test_a_file_comes_once(sender: Sender, picture: bytes) -> None:
    requested = sender.request(picture)
    other = bytes(reversed(picture[8:]))
    assert put(requested["upload"], picture).status_code == 204
    assert code(put(requested["upload"], picture)) == (409, "CONFLICT")
    assert code(put(requested["upload"], picture[:8] + other)) == (409, "CONFLICT")
    sender.settled_after_completing(requested["asset"]["id"])
    assert code(put(requested["upload"], picture[:8] + other)) == (409, "CONFLICT")
    assert sender.path(requested["asset"]["id"]).read_bytes() == picture


def test_of_two_who_send_at_once_one_succeeds(sender: Sender, tmp_path: Path) -> None:
    contents = [
        samples.png(tmp_path / "a.png", Image.effect_noise((700, 700), seed)).read_bytes()
        for seed in (40, 80)
    ]
    size = max(map(len, contents))
    contents = [content + bytes(size - len(content)) for content in contents]
    requested = sender.request(contents[0])
    answers: dict[int, int] = {}
    barrier = threading.Barrier(2)

    def send(index: int) -> None:
        barrier.wait()
        answers[index] = put(requested["upload"], contents[index]).status_code

    threads = [threading.Thread(target=send, args=(index,)) for index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers.values()) == [204, 409]
    (winner,) = (index for index, status in answers.items() if status == 204)
    assert sender.path(requested["asset"]["id"]).read_bytes() == contents[winner]


def test_a_late_file_is_refused(sender: Sender, picture: bytes, gateway: Gateway) -> None:
    config = Config.model_validate({"secret": SECRET, "data_folder": gateway.folder})
    ticket = Ticket("a/b.png", len(picture), "image/png", None, int(time.time()) - 1)
    upload = sender.request(picture)["upload"]
    late = gateway.address + Tickets(config.key("uploads")).sign(ticket)
    assert code(put(upload | {"url": late}, picture)) == (403, "FORBIDDEN")


def test_a_broken_picture_fails_and_says_why(sender: Sender, picture: bytes) -> None:
    broken = picture[: len(picture) // 2]
    asset = sender.send(broken)
    made = sender.told("createGeneration", projectId=sender.project, uploadId=asset)
    failed = sender.settled(asset)
    assert (failed["status"], failed["thumbUrl"]) == ("FAILED", None)
    assert "broken" in failed["error"]
    assert sender.generation(made["generation"]["id"])["thumbnailUrl"] is None
    told = sender.told("createGeneration", projectId=sender.project, uploadId=asset)
    assert (told["reason"], told["message"]) == ("NOT_UPLOADED", failed["error"])


def test_a_bomb_fails_and_harms_nobody(sender: Sender, tmp_path: Path) -> None:
    bomb = samples.png_bomb(tmp_path / "bomb.png").read_bytes()
    asset = sender.send(bomb)
    sender.told("completeUpload", id=asset)
    assert sender.settled(asset)["status"] == "FAILED"
    sized = sender.ask("query ($id: ID!) { asset(id: $id) { url(width: 320) } }", id=asset)
    assert sized["asset"]["url"] is None
    assert sender.gateway.process.poll() is None


def test_pages_of_named_origins_may_send_files(sender: Sender, picture: bytes) -> None:
    upload = sender.request(picture)["upload"]
    headers = {
        "Origin": "http://localhost:5173",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type",
    }
    asked = httpx.options(upload["url"], headers=headers)
    assert asked.status_code == 200
    assert "PUT" in asked.headers["access-control-allow-methods"]
    sent = put(upload, picture, Origin="http://localhost:5173")
    assert sent.headers["access-control-allow-origin"] == "http://localhost:5173"


def test_a_file_larger_than_any_request_is_taken(sender: Sender, tmp_path: Path) -> None:
    noise = Image.effect_noise((3000, 3000), 90)
    content = samples.png(tmp_path / "noise.png", noise).read_bytes()
    assert len(content) > 4_000_000
    asset = sender.send(content, sha256=fingerprint(content))
    assert sender.settled_after_completing(asset)["status"] == "READY"


def test_errors_are_told_as_clients_read_them(sender: Sender, picture: bytes) -> None:
    upload = sender.request(picture)["upload"]
    answer = put(upload, b"x" * len(picture))
    assert json.loads(answer.content)["errors"][0]["message"]


def size(content: bytes, folder: Path) -> tuple[int, int]:
    """The size of a picture."""
    path = folder / "shown"
    path.write_bytes(content)
    with Image.open(path) as image:
        return image.size
