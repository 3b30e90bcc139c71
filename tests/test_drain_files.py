"""Files on their way when a gateway stops arrive whole, or are cut off and leave nothing."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from tests import samples
from tests.uploading import Gateway, Sender, put, running

# More than what waits between the two ends of a connection.
SIZE = 32 * 1024 * 1024
SECONDS = 30


@pytest.fixture
def gateway(gateway_url: str, tmp_path: Path) -> Iterator[Gateway]:
    with running(gateway_url, tmp_path / "data") as gateway:
        yield gateway


class Visit:
    """Somebody who is sent one large file, and sends another, both only in part as yet."""

    def __init__(self, gateway: Gateway, owner: psycopg.Connection[Any], folder: Path) -> None:
        picture = samples.png(folder / "fox.png", samples.drawing(90, 60)).read_bytes()
        self.content = picture.ljust(SIZE, b"\0")
        self.sender = Sender(gateway, owner)
        given = {"projectId": self.sender.project, "uploadId": self.sender.send(self.content)}
        made = self.sender.told("createGeneration", **given)["generation"]
        self.loading = self._opened("GET", made["url"])
        self.loaded = self.loading.recv(1000)
        requested = self.sender.request(self.content)
        self.upload = requested["upload"]
        self.path = self.sender.path(requested["asset"]["id"])
        headers = f"Content-Type: image/png\r\nContent-Length: {SIZE}\r\n"
        self.sending = self._opened("PUT", self.upload["url"], headers)
        self.sending.sendall(self.content[: SIZE // 2])

    def load(self) -> bytes:
        """All that comes of the file that is loaded."""
        parts = [self.loaded]
        while part := self.loading.recv(1024 * 1024):
            parts.append(part)
        return b"".join(parts).partition(b"\r\n\r\n")[2]

    def send(self) -> None:
        """Send the rest of the file."""
        self.sending.sendall(self.content[SIZE // 2 :])

    def answer(self) -> bytes:
        """How the file that is sent is answered, until the gateway has hung up."""
        return b"".join(iter(lambda: self.sending.recv(1000), b""))

    def _opened(self, method: str, url: str, headers: str = "") -> socket.socket:
        place = urlsplit(url)
        line = socket.create_connection((place.hostname or "", place.port or 80), SECONDS)
        head = f"{method} {place.path}?{place.query} HTTP/1.1\r\nHost: x\r\n{headers}\r\n"
        line.sendall(head.encode())
        return line


@pytest.fixture
def visit(gateway: Gateway, owner: psycopg.Connection[Any], tmp_path: Path) -> Iterator[Visit]:
    made = Visit(gateway, owner, tmp_path)
    with made.loading, made.sending:
        yield made


def drafts(gateway: Gateway) -> list[Path]:
    """What has not arrived yet."""
    return list((gateway.media / ".drafts").iterdir())


def stop(gateway: Gateway) -> None:
    """Ask it to end, and wait until it takes nobody in any more."""
    gateway.process.send_signal(signal.SIGTERM)
    while takes_in(gateway):
        pass


def takes_in(gateway: Gateway) -> bool:
    """Whether somebody new may come."""
    place = urlsplit(gateway.address)
    with socket.socket() as line:
        return line.connect_ex((place.hostname or "", place.port or 80)) == 0


def test_files_that_move_on_arrive_whole(gateway: Gateway, visit: Visit) -> None:
    stop(gateway)
    assert visit.load() == visit.content
    visit.send()
    assert visit.answer().startswith(b"HTTP/1.1 204 ")
    assert gateway.process.wait(SECONDS) == 0
    assert visit.path.read_bytes() == visit.content
    assert drafts(gateway) == []


@pytest.mark.prove
def test_files_that_stand_still_are_cut_off_and_leave_nothing(
    gateway: Gateway, visit: Visit, gateway_url: str
) -> None:
    assert len(drafts(gateway)) == 1
    stop(gateway)
    assert gateway.process.wait(SECONDS) == 0
    assert len(visit.load()) < SIZE
    assert visit.answer().startswith(b"HTTP/1.1 500 ")
    assert not visit.path.exists()
    assert drafts(gateway) == []
    with running(gateway_url, gateway.folder) as again:
        url = httpx.URL(visit.upload["url"]).copy_with(port=urlsplit(again.address).port)
        assert put(visit.upload | {"url": str(url)}, visit.content).status_code == 204
    assert visit.path.read_bytes() == visit.content
