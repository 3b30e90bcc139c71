"""The media kept on this machine: each file once per project, under its own fingerprint."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import IO, BinaryIO
from uuid import UUID

from media import files, formats
from media.errors import UnreadableFile

PREFIX = "media/"

_BLOCK = 1024 * 1024
_EXTENSIONS = "|".join(format.extension for format in formats.ALL)
_KEY = re.compile(
    rf"[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}/([0-9a-f]{{2}})/"
    rf"(\1[0-9a-f]{{62}})\.({_EXTENSIONS})"
)
_TYPES = {format.extension: format.content_type for format in formats.ALL}


@dataclass(frozen=True)
class Stored:
    """A kept file, open at its beginning; `etag` never changes, as its content never does."""

    file: BufferedReader
    size: int
    modified: datetime
    etag: str
    content_type: str


class LocalStore:
    """Files below one folder, as `<project>/<first two letters>/<sha256>.<extension>`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, project_id: str, source: Path | bytes) -> str:
        """Keeps a file and returns its location; the same content again changes nothing."""
        project = self.folder / str(UUID(project_id))
        project.mkdir(parents=True, exist_ok=True)
        if isinstance(source, bytes):
            return self._put(project, BytesIO(source))
        with files.plain(source) as file:
            return self._put(project, file)

    @contextmanager
    def open(self, location: str) -> Iterator[Stored]:
        """The file at a location; an UnreadableFile when there is none."""
        found = _KEY.fullmatch(location.removeprefix(PREFIX))
        if found is None:
            raise UnreadableFile("Nothing is kept under this location.")
        path = files.within(self.folder, self.folder / found[0])
        with files.opened(path) as file:
            status = os.fstat(file.fileno())
            modified = datetime.fromtimestamp(status.st_mtime, UTC)
            yield Stored(file, status.st_size, modified, f'"{found[2]}"', _TYPES[found[3]])

    def _put(self, project: Path, source: BinaryIO) -> str:
        format = formats.of(source)
        with tempfile.NamedTemporaryFile(dir=project, prefix=".", delete=False) as copy:
            try:
                sha256 = _copied(source, copy.file)
                target = project / sha256[:2] / f"{sha256}.{format.extension}"
                target.parent.mkdir(exist_ok=True)
                Path(copy.name).replace(target)
            except BaseException:
                Path(copy.name).unlink(missing_ok=True)
                raise
        return f"{PREFIX}{target.relative_to(self.folder).as_posix()}"


def _copied(source: BinaryIO, copy: IO[bytes]) -> str:
    """Copies to the disk, not only towards it, and returns the SHA-256 on the way."""
    fingerprint = hashlib.sha256()
    while block := source.read(_BLOCK):
        fingerprint.update(block)
        copy.write(block)
    copy.flush()
    os.fsync(copy.fileno())
    return fingerprint.hexdigest()
