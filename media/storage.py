"""Storage: where uploaded files are kept, under keys such as `<project>/<asset>.png`."""

import asyncio
import os
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from media import files
from media.errors import MediaError

HEAD = 64

_DRAFTS = ".drafts"

# None when there is nothing any more that a key would be for.
NewKey = Callable[[], Awaitable[str | None]]


@dataclass(frozen=True)
class Arrived:
    """A file that is there: under which key, how large it is, and how it begins."""

    key: str
    size: int
    head: bytes


class Storage(Protocol):
    """What keeps files; calls wait for the disk or the network. StorageAway: that was in vain."""

    async def sealed(self, key: str, new_key: NewKey) -> Arrived | None:
        """What was sent to a key, where nobody can send anything else any more.

        That may be a copy under a new key.
        """

    def opened(self, key: str) -> AbstractContextManager[Path]:
        """The file on this machine's disk for a while; a MissingFile when there is none."""

    def keep(self, key: str, content: bytes) -> None:
        """Keep a small file, in place of the one before it."""

    def remove(self, key: str) -> None:
        """Remove a file, whether it is there or not."""


def thumbnail_of(key: str) -> str:
    """The key of a file's thumbnail."""
    return f"{PurePosixPath(key).with_suffix('')}-thumb.webp"


class Disk:
    """Files below a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def sealed(self, key: str, new_key: NewKey) -> Arrived | None:
        """What was sent to a key: whoever is second is refused."""
        return await asyncio.to_thread(self.look, key)

    def look(self, key: str) -> Arrived | None:
        """What is there under a key."""
        try:
            with self.opened(key) as path, files.opened(path) as file:
                return Arrived(key, os.fstat(file.fileno()).st_size, file.read(HEAD))
        except MediaError:
            return None

    @contextmanager
    def opened(self, key: str) -> Iterator[Path]:
        """The file itself; a MissingFile when there is none."""
        yield files.within(self.folder, self.folder / key)

    def keep(self, key: str, content: bytes) -> None:
        """Keep a small file, in place of the one before it."""
        with self.draft() as draft:
            draft.write_bytes(content)
            self._place(key).parent.mkdir(parents=True, exist_ok=True)
            draft.replace(self._place(key))

    def settle(self, draft: Path, key: str) -> bool:
        """Give a draft its key; whoever is second does not get it."""
        target = self._place(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(draft, target)
        except FileExistsError:
            return False
        return True

    def remove(self, key: str) -> None:
        """Remove a file, whether it is there or not."""
        self._place(key).unlink(missing_ok=True)

    @contextmanager
    def draft(self) -> Iterator[Path]:
        """A place for a file that is not whole yet; what is left there is removed."""
        folder = self.folder / _DRAFTS
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / secrets.token_hex(16)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def tidy(self, seconds: float) -> int:
        """Remove the drafts of processes that died so long ago; answers how many."""
        before = time.time() - seconds
        found = [path for path in (self.folder / _DRAFTS).glob("*") if _modified(path) < before]
        for path in found:
            path.unlink(missing_ok=True)
        return len(found)

    def _place(self, key: str) -> Path:
        """Where a key lies; one that would lead out of the folder is a mistake of ours."""
        parts = PurePosixPath(key).parts
        if PurePosixPath(key).is_absolute() or any(part.startswith(".") for part in parts):
            raise ValueError("A key names a file inside of the folder.")
        return self.folder.joinpath(*parts)


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()
