"""Pictures come in the width that is asked for, made once, for whoever holds a signed URL."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from PIL import Image

from tests import samples
from tests.uploading import Gateway, Sender, running

URLS = """
query ($id: ID!, $width: Int) { generation(id: $id) {
  full: url fullIdentity: urlIdentity
  url(width: $width) urlIdentity(width: $width)
  thumbUrl(width: $width) thumbUrlIdentity(width: $width)
  primaryVariant { url(width: $width) }
} }
"""


@pytest.fixture(scope="module")
def gateway(gateway_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running(gateway_url, tmp_path_factory.mktemp("data")) as gateway:
        yield gateway


@pytest.fixture
def sender(gateway: Gateway, owner: psycopg.Connection[Any]) -> Sender:
    return Sender(gateway, owner)


def made(sender: Sender, content: bytes, content_type: str = "image/png") -> str:
    """A generation of an upload, once it has been measured."""
    asset = sender.send(content, content_type)
    given = {"projectId": sender.project, "uploadId": asset}
    generation = sender.told("createGeneration", **given)["generation"]["id"]
    sender.settled(asset)
    return str(generation)


def urls(sender: Sender, generation: str, width: int | None) -> Any:
    """Where a browser loads it at a width."""
    return sender.ask(URLS, id=generation, width=width)["generation"]


def shown(url: str) -> Image.Image:
    """The picture that a browser gets."""
    answer = httpx.get(url)
    assert answer.status_code == 200, answer.content
    return Image.open(BytesIO(answer.content))


@pytest.fixture
def wide(sender: Sender, tmp_path: Path) -> str:
    return made(sender, samples.png(tmp_path / "w.png", samples.drawing(2000, 1000)).read_bytes())


@pytest.mark.parametrize(
    ("asked", "width"),
    [(1, 160), (-5, 160), (160, 160), (161, 320), (640, 640), (1000, 1280)],
)
def test_the_narrowest_that_is_enough_is_served(
    sender: Sender, wide: str, asked: int, width: int
) -> None:
    found = urls(sender, wide, asked)
    picture = shown(found["url"])
    assert (picture.format, picture.size) == ("WEBP", (width, width // 2))
    assert found["primaryVariant"]["url"] == found["url"]
    assert httpx.URL(found["url"]).path == found["urlIdentity"]


@pytest.mark.parametrize("asked", [None, 1281, 2**31 - 1])
def test_beyond_the_widest_it_is_served_as_it_is(
    sender: Sender, wide: str, asked: int | None
) -> None:
    found = urls(sender, wide, asked)
    assert (found["url"], found["urlIdentity"]) == (found["full"], found["fullIdentity"])


def test_no_picture_is_made_wider(sender: Sender, tmp_path: Path) -> None:
    small = made(sender, samples.png(tmp_path / "s.png", samples.drawing(200, 100)).read_bytes())
    assert shown(urls(sender, small, 1280)["url"]).size == (200, 100)


def test_thumbnails_are_narrowed_too(sender: Sender, wide: str) -> None:
    assert shown(urls(sender, wide, 100)["thumbUrl"]).size == (160, 80)


def test_it_is_made_once_and_kept(sender: Sender, wide: str) -> None:
    url = urls(sender, wide, 300)["url"]
    first, again = httpx.get(url), httpx.get(url)
    assert first.headers["etag"] == again.headers["etag"]
    assert again.headers["cache-control"] == "private, max-age=31536000, immutable"
    known = httpx.get(url, headers={"If-None-Match": first.headers["etag"]})
    assert known.status_code == 304
    kept = sender.gateway.folder.glob(f"sized/320/{sender.project}/*.webp")
    assert len(list(kept)) == 1


def test_what_moves_is_served_as_it_is(sender: Sender, tmp_path: Path) -> None:
    gif = made(sender, samples.animated_gif(tmp_path / "a.gif").read_bytes(), "image/gif")
    video = made(sender, samples.video(tmp_path / "a.mp4").read_bytes(), "video/mp4")
    for one in (gif, video):
        found = urls(sender, one, 320)
        assert found["url"] == found["full"]
        assert "/sized/" in urls(sender, one, 100)["thumbUrl"]


def test_what_lies_elsewhere_stays_there(sender: Sender) -> None:
    given = {"location": "https://example.org/a.png", "projectId": sender.project}
    elsewhere = sender.told("createGeneration", **given)["generation"]["id"]
    assert urls(sender, elsewhere, 320)["url"] == "https://example.org/a.png"


def test_another_width_needs_another_signature(sender: Sender, wide: str) -> None:
    url = urls(sender, wide, 320)["url"]
    for forged in (url.replace("/sized/320/", "/sized/640/"), url.replace("/sized/320", "/media")):
        assert httpx.get(forged).status_code == 403


def test_a_picture_that_is_gone_or_broken_is_not_found(sender: Sender, wide: str) -> None:
    url = urls(sender, wide, 640)["url"]
    (path,) = sender.gateway.media.glob(f"{sender.project}/*.png")
    path.write_bytes(path.read_bytes()[:2000])
    assert httpx.get(url).status_code == 404
    path.unlink()
    assert httpx.get(url).status_code == 404
