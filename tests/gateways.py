"""Gateways as processes of their own."""

import os
import subprocess
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

ROOT = Path(__file__).parent.parent
COMMAND = (sys.executable, "-c", "from server.cli import app; app()")
SECRET = "a secret that is only used in tests"


@dataclass(frozen=True)
class Running:
    """A gateway that runs for the tests of a file."""

    address: str
    process: subprocess.Popen[str]
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
        settings = {"secret": SECRET, "data_folder": folder}
        yield Running(address, process, Config.model_validate(settings))
    finally:
        process.terminate()
        process.wait(20)


def started(url: str, folder: Path, **more: str) -> tuple[subprocess.Popen[str], str]:
    """A gateway on some free port, once it answers, and its address."""
    environment = os.environ | {
        "DAILIES_DATABASE_URL": url,
        "DAILIES_DATA_FOLDER": str(folder),
        "DAILIES_SECRET": SECRET,
        "DAILIES_PORT": "0",
        **more,
    }
    environment.pop("DAILIES_MIGRATE_URL", None)
    process = subprocess.Popen(
        (*COMMAND, "serve"), cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    told = process.stdout.readline()
    return process, told.split()[-1].removesuffix("/graphql")
