"""Gateways as processes of their own."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from server import auth
from server.config import Config
from tests.nursery import Command

ROOT = Path(__file__).parent.parent
COMMAND = (sys.executable, "-c", "from server.cli import app; app()")
SECRET = "a secret that is only used in tests"


@dataclass(frozen=True)
class Running:
    """A gateway that runs for the tests of a file."""

    address: str
    process: Command
    config: Config

    def token(self, user: str, expires: timedelta = timedelta(days=1)) -> str:
        """A token of this user."""
        return auth.mint(self.config, user, expires=expires)

    def headers(self, user: str) -> dict[str, str]:
        """What says who asks."""
        return {"Authorization": f"Bearer {self.token(user)}"}

    def ask(self, query: str, user: str, **variables: object) -> Any:
        """The data of an answer."""
        body = {"query": query, "variables": variables}
        found = httpx.post(f"{self.address}/graphql", json=body, headers=self.headers(user))
        answer = found.json()
        assert "errors" not in answer, answer
        return answer["data"]


@contextmanager
def running(url: str, folder: Path) -> Iterator[Running]:
    """A gateway, until this is closed."""
    process, address = started(url, folder)
    try:
        yield at(address, process, folder)
    finally:
        process.terminate()
        process.wait(20)


def at(address: str, process: Command, folder: Path) -> Running:
    """The gateway that this process is."""
    settings = {"secret": SECRET, "data_folder": folder}
    return Running(address, process, Config.model_validate(settings))


def started(url: str, folder: Path, **more: str) -> tuple[Command, str]:
    """A gateway on some free port, once it answers, and its address."""
    asked = settings(url, folder) | {"DAILIES_PORT": "0", **more}
    process = Command(asked, "serve", captured=False)
    return process, process.stdout.readline().split()[-1].removesuffix("/graphql")


def settings(url: str, folder: Path) -> dict[str, str]:
    """What the environment says of a database and a data folder."""
    return {
        "DAILIES_DATABASE_URL": url,
        "DAILIES_MIGRATE_URL": "",
        "DAILIES_DATA_FOLDER": str(folder),
        "DAILIES_SECRET": SECRET,
    }
