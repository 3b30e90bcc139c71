"""The gateway under measurement: a process of its own, on a core of its own where there are two."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson
import psutil  # type: ignore[import-untyped]

from bench import database, dataset
from bench.load import Address
from db import embedded
from server import auth
from server.config import Config

FOLDER = Path(__file__).parent.parent / ".dailies" / "bench"

_HOST = "127.0.0.1"
_PATIENCE = 30.0


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


@contextmanager
def running() -> Iterator[Gateway]:
    """The gateway over the large database, for as long as this is open."""
    cores = sorted(os.sched_getaffinity(0))
    with embedded.start(FOLDER / "database") as server:
        name = database.ensure(server.url, server.gateway_url)
        url, owner = (database.located(u, name) for u in (server.gateway_url, server.url))
        postgres = _postmaster()
        _pin(psutil.Process(), cores[-1])
        _pin(postgres, cores[-1])
        address, environment = _configured(url, owner)
        command = (str(Path(sys.executable).parent / "dailies"), "serve")
        with subprocess.Popen(command, env=os.environ | environment) as gateway:
            _pin(psutil.Process(gateway.pid), cores[0])
            try:
                _wait(address, gateway)
                yield Gateway(gateway.pid, postgres.pid, address, url)
            finally:
                gateway.send_signal(signal.SIGTERM)


def _configured(url: str, owner: str) -> tuple[Address, dict[str, str]]:
    with socket.create_server((_HOST, 0)) as free:
        port = free.getsockname()[1]
    secret = "for measurements on this machine alone"
    environment = {
        "DAILIES_DATABASE_URL": url,
        "DAILIES_MIGRATE_URL": owner,
        "DAILIES_DATA_FOLDER": str(FOLDER),
        "DAILIES_SECRET": secret,
        "DAILIES_JWT_SECRET": secret,
        "DAILIES_ENVIRONMENT": "production",
        "DAILIES_HOST": _HOST,
        "DAILIES_PORT": str(port),
    }
    known = Config(secret=secret, jwt_secret=secret)
    return Address(_HOST, port, auth.mint(known, dataset.OWNER)), environment


def _postmaster() -> psutil.Process:
    note = FOLDER / "database" / "cluster" / "postmaster.pid"
    return psutil.Process(int(note.read_text().splitlines()[0]))


def _wait(address: Address, gateway: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _PATIENCE
    ready = f"http://{address.host}:{address.port}/health/ready"
    while gateway.poll() is None and time.monotonic() < until:
        with suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(ready, timeout=_PATIENCE).close()
            return
        time.sleep(0.1)
    raise RuntimeError("the gateway does not start")


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
