"""The servers that are compared: how each of them is started, and in which words it is asked."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import gateway
from bench.gateway import FOLDER, Gateway, Place, Program
from bench.peers import asked
from bench.peers.asked import Words

_HERE = Path(__file__).parent
_ROOT = _HERE.parent.parent
_MODULES = _HERE / "node_modules"
_NODE = _MODULES / ".bin" / "node"
_PACKAGES = FOLDER / "python"

PRODUCT = "Dailies"
PAGES = "PostGraphile 5, connections"
FLOOR = "one SQL statement by hand"
BARE = "Dailies without its engine"
IDIOMATIC = "Strawberry, ORM, dataloaders"
SLOW = (BARE, IDIOMATIC)


@dataclass(frozen=True)
class Server:
    """A running server, and how it is asked; PostGraphile is asked in two ways."""

    name: str
    gateway: Gateway
    words: Words


@contextmanager
def running(place: Place) -> Iterator[list[Server]]:
    """All of them over the same database, for as long as this is open."""
    with_node = has_node()
    programs = [
        (gateway.dailies(place, DAILIES_ENGINE="on"), {PRODUCT: asked.as_ours}),
        (gateway.dailies(place, DAILIES_ENGINE="off"), {BARE: asked.as_ours}),
        (_python("floor", place), {FLOOR: asked.as_floor}),
        (_python("idiomatic", place), {IDIOMATIC: asked.as_ours}),
    ]
    if with_node:
        lists = "PostGraphile 5, plain lists"
        ways = {PAGES: asked.as_pages, lists: asked.as_lists}
        programs.insert(2, (node("postgraphile", place), ways))
        programs.insert(3, (node("yoga", place), {"graphql-yoga, dataloader": asked.as_ours}))
    with ExitStack() as stack:
        opened = [(stack.enter_context(gateway.started(p, place)), ways) for p, ways in programs]
        yield [Server(name, one, words) for one, ways in opened for name, words in ways.items()]


def _python(name: str, place: Place) -> Program:
    return _peer((sys.executable, "-m", f"bench.peers.{name}"), place, PYTHONPATH=str(_PACKAGES))


def node(name: str, place: Place) -> Program:
    command = (str(_NODE), str(_HERE / f"{name}.mjs"))
    quiet = {"NODE_ENV": "production", "GRAPHILE_ENV": "production", "NODE_NO_WARNINGS": "1"}
    return _peer(command, place, **quiet)


def _peer(command: tuple[str, ...], place: Place, **variables: str) -> Program:
    address = gateway.free_address()
    environment = {
        "PEER_DATABASE": place.url,
        "PEER_PORT": str(address.port),
        "PEER_SECRET": gateway.SECRET,
    }
    return Program(command, environment | variables, address, _ROOT)


def has_node() -> bool:
    """Whether the peers in JavaScript can be asked."""
    _install()
    return _NODE.exists()


def _install() -> None:
    """What the peers need and the gateway does not, pinned, each time the pins have changed."""
    pins = _HERE / "requirements.lock"
    if _is_older(_PACKAGES, pins):
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes")
        subprocess.run((*pip, "--upgrade", "--target", _PACKAGES, "-r", pins), check=True)
        os.utime(_PACKAGES)
    if not _is_older(_MODULES, _HERE / "package-lock.json"):
        return
    if shutil.which("npm") is None:
        known = "as they were" if _NODE.exists() else "left out"
        print(f"npm is missing: PostGraphile and graphql-yoga are {known}.", file=sys.stderr)
        return
    subprocess.run(("npm", "ci", "--loglevel=error", "--no-audit"), check=True, cwd=_HERE)
    os.utime(_MODULES)


def _is_older(folder: Path, pins: Path) -> bool:
    return not folder.exists() or folder.stat().st_mtime < pins.stat().st_mtime
