"""The media route: files for whoever holds a signed URL, as browsers and players ask for them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from media.signing import Signer
from server import media

SIGNER = Signer(b"s" * 32)
CONTENT = bytes(range(256)) * 1000


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    for name in ("a.mp4", "a.html", "a.svg", "ä ?#b.png"):
        (folder / name).write_bytes(CONTENT)
    (folder / "empty.png").touch()
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    (tmp_path / "outside.png").write_text("not yours")
    return folder


@asynccontextmanager
async def opened(root: Path) -> AsyncIterator[AsyncClient]:
    app = FastAPI()
    app.routes.append(media.route(root, SIGNER.verify))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://edge") as client:
        yield client


async def test_a_signed_file_is_served_whole(root: Path) -> None:
    async with opened(root) as client:
        response = await client.get(SIGNER.sign("media/a.mp4"))
    assert response.content == CONTENT
    assert response.headers["content-type"] == "video/mp4"
    assert response.headers["accept-ranges"] == "bytes"
    assert response.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"].startswith("sandbox")


async def test_a_name_with_signs_of_all_kinds_is_served(root: Path) -> None:
    async with opened(root) as client:
        response = await client.get(SIGNER.sign("media/ä ?#b.png"))
    assert response.content == CONTENT


async def test_a_missing_file_without_a_signature_answers_like_one_that_exists(root: Path) -> None:
    async with opened(root) as client:
        there = await client.get("/media/a.mp4")
        missing = await client.get("/media/b.mp4?expires=99999999999&signature=" + "x" * 43)
    assert (there.status_code, missing.status_code) == (403, 403)
    assert there.content == missing.content
    assert there.headers == missing.headers


async def test_a_signature_serves_one_file_only(root: Path) -> None:
    _, _, query = SIGNER.sign("media/a.mp4").partition("?")
    async with opened(root) as client:
        assert (await client.get(f"/media/a.html?{query}")).status_code == 403


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=255900-", 255_900, 256_000),
        ("bytes=-10", 255_990, 256_000),
        ("bytes=255999-300000", 255_999, 256_000),
    ],
)
async def test_a_range_is_served(root: Path, asked: str, start: int, end: int) -> None:
    async with opened(root) as client:
        response = await client.get(SIGNER.sign("media/a.mp4"), headers={"Range": asked})
    assert response.status_code == 206
    assert response.content == CONTENT[start:end]
    assert response.headers["content-range"] == f"bytes {start}-{end - 1}/256000"


async def test_a_range_behind_the_end_is_refused(root: Path) -> None:
    async with opened(root) as client:
        response = await client.get(SIGNER.sign("media/a.mp4"), headers={"Range": "bytes=256000-"})
    assert response.status_code == 416
    assert response.headers["content-range"] == "bytes */256000"


@pytest.mark.parametrize("asked", ["bytes=5-3", "bytes=0-1,4-5", "lines=1-2", "bytes=x", ""])
async def test_a_range_that_cannot_be_used_is_passed_over(root: Path, asked: str) -> None:
    async with opened(root) as client:
        response = await client.get(SIGNER.sign("media/a.mp4"), headers={"Range": asked})
    assert (response.status_code, len(response.content)) == (200, len(CONTENT))


async def test_a_range_of_a_file_that_changed_is_served_whole(root: Path) -> None:
    url = SIGNER.sign("media/a.mp4")
    async with opened(root) as client:
        tag = (await client.get(url)).headers["etag"]
        same = await client.get(url, headers={"Range": "bytes=0-9", "If-Range": tag})
        changed = await client.get(url, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (same.status_code, changed.status_code) == (206, 200)


async def test_what_the_browser_has_is_not_sent_again(root: Path) -> None:
    url = SIGNER.sign("media/a.mp4")
    async with opened(root) as client:
        tag = (await client.get(url)).headers["etag"]
        response = await client.get(url, headers={"If-None-Match": f'"x", {tag}'})
    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["etag"] == tag


async def test_head_tells_the_length_only(root: Path) -> None:
    async with opened(root) as client:
        response = await client.head(SIGNER.sign("media/a.mp4"))
    assert (response.headers["content-length"], response.content) == ("256000", b"")


@pytest.mark.parametrize("name", ["a.html", "a.svg"])
async def test_what_a_browser_could_run_is_served_as_plain_bytes(root: Path, name: str) -> None:
    async with opened(root) as client:
        response = await client.get(SIGNER.sign(f"media/{name}"))
    assert response.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "location",
    ["media/../outside.png", "media/link.png", "media//etc/passwd", "media/", "media/a\0b"],
)
async def test_nothing_outside_of_the_folder_is_served_even_if_signed(
    root: Path, location: str
) -> None:
    path, _, query = SIGNER.sign(location).partition("?")
    async with opened(root) as client:
        url = path.replace("..", "%2e%2e")
        response = await client.get(f"{url}?{query}")
    assert response.status_code in (403, 404)
    assert b"yours" not in response.content


async def test_an_empty_file_is_served(root: Path) -> None:
    async with opened(root) as client:
        assert (await client.get(SIGNER.sign("media/empty.png"))).content == b""
