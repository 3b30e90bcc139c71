"""The gateway under measurement: a process of its own, on a core of its own where there are two."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import orjson
import psutil  # type: ignore[import-untyped]

from bench import database, dataset
from bench.load import Address
from db import embedded
from server import auth
from server.config import Config

FOLDER = Path(__file__).parent.parent / ".dailies" / "bench"

SECRET = "for measurements on this machine alone"

_HOST = "127.0.0.1"
_PATIENCE = 30.0


@dataclass(frozen=True)
class Place:
    """The large database: its URLs, the PostgreSQL that serves it, the core that is left."""

    url: str
    owner: str
    postgres: int
    core: int


@dataclass(frozen=True)
class Program:
    """A server that can be started: its command, and what its environment tells it."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    address: Address
    folder: Path | None = None


class Gateway:
    """A running gateway: where it answers, and what it and its PostgreSQL have computed."""

    def __init__(self, process: int, postgres: int, address: Address, url: str) -> None:
        self._process = psutil.Process(process)
        self._postgres = psutil.Process(postgres)
        self.address = address
        self.url = url

    def ask(self, body: bytes) -> object:
        """The data that answers one request."""
        address = self.address
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {address.token}"}
        url = f"http://{address.host}:{address.port}/graphql"
        request = urllib.request.Request(url, body, headers)
        with urllib.request.urlopen(request, timeout=_PATIENCE) as response:
            answer = orjson.loads(response.read())
        if "errors" in answer:
            raise RuntimeError(f"the gateway answers {answer['errors']}")
        return answer["data"]

    def computed(self) -> tuple[float, float]:
        """The seconds that the gateway, and that PostgreSQL, have kept a core busy."""
        return _busy(self._process), _busy(self._postgres)

    def resident(self) -> float:
        """The megabytes of memory that it holds."""
        return float(self._process.memory_info().rss) / 2**20


@contextmanager
def running() -> Iterator[Gateway]:
    """The gateway over the large database, for as long as this is open."""
    with placed() as place, started(dailies(place), place) as gateway:
        yield gateway


@contextmanager
def placed() -> Iterator[Place]:
    """The large database on the last core, where the load comes from as well."""
    cores = sorted(os.sched_getaffinity(0))
    with embedded.start(FOLDER / "database") as server:
        name = database.ensure(server.url, server.gateway_url)
        postgres = _postmaster()
        _pin(psutil.Process(), cores[-1])
        _pin(postgres, cores[-1])
        url, owner = (database.located(u, name) for u in (server.gateway_url, server.url))
        yield Place(url, owner, postgres.pid, cores[0])


@contextmanager
def started(program: Program, place: Place) -> Iterator[Gateway]:
    """A server over the large database, on the first core, for as long as this is open."""
    with _begun(program, place.core) as server:
        try:
            _wait(program.address, server)
            yield Gateway(server.pid, place.postgres, program.address, place.url)
        finally:
            server.send_signal(signal.SIGTERM)


def dailies(place: Place, **variables: str) -> Program:
    """The gateway, with these variables of its environment besides."""
    address = free_address()
    environment = {
        "DAILIES_DATABASE_URL": place.url,
        "DAILIES_MIGRATE_URL": place.owner,
        "DAILIES_DATA_FOLDER": str(FOLDER),
        "DAILIES_SECRET": SECRET,
        "DAILIES_JWT_SECRET": SECRET,
        "DAILIES_ENVIRONMENT": "production",
        "DAILIES_HOST": address.host,
        "DAILIES_PORT": str(address.port),
    }
    command = (str(Path(sys.executable).parent / "dailies"), "serve")
    return Program(command, environment | variables, address)


def pin(core: int) -> None:
    """Keep this process to a core."""
    _pin(psutil.Process(), core)


def free_address() -> Address:
    """A free port of this machine, with a token of the owner of everything."""
    with socket.create_server((_HOST, 0)) as free:
        port = free.getsockname()[1]
    known = Config(secret=SECRET, jwt_secret=SECRET)
    return Address(_HOST, port, auth.mint(known, dataset.OWNER))


def _begun(program: Program, core: int) -> "subprocess.Popen[bytes]":
    """The threads that a program begins at once stay where it was begun."""
    ours = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        environment = os.environ | program.environment
        return subprocess.Popen(program.command, env=environment, cwd=program.folder)
    finally:
        os.sched_setaffinity(0, ours)


def _postmaster() -> psutil.Process:
    note = FOLDER / "database" / "cluster" / "postmaster.pid"
    return psutil.Process(int(note.read_text().splitlines()[0]))


def _wait(address: Address, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _PATIENCE
    while server.poll() is None and time.monotonic() < until:
        with suppress(OSError):
            socket.create_connection((address.host, address.port), _PATIENCE).close()
            return
        time.sleep(0.1)
    raise RuntimeError(f"{' '.join(server.args)} does not start")  # type: ignore[arg-type]


def _pin(process: psutil.Process, core: int) -> None:
    for each in (process, *process.children()):
        with suppress(psutil.NoSuchProcess):
            each.cpu_affinity([core])


def _busy(process: psutil.Process) -> float:
    """What a process and its children computed, those that have ended as well."""
    own = process.cpu_times()
    seconds = own.user + own.system + own.children_user + own.children_system
    for child in process.children():
        with suppress(psutil.NoSuchProcess):
            times = child.cpu_times()
            seconds += times.user + times.system
    return float(seconds)
