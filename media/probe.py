"""What a file is: its kind, size, length, fingerprint and blur, by its content alone."""

import hashlib
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path

from media import files, formats, thumbnails
from media.thumbnails import Kind

_LAST_SECOND = 253402300799


@dataclass(frozen=True)
class Probe:
    """A picture or video as measured; an animated picture is a video."""

    kind: Kind
    content_type: str
    width: int
    height: int
    duration_ms: int | None
    byte_size: int
    sha256: str
    blurhash: str
    taken: datetime
    thumbnail: bytes = field(repr=False)


def probe(path: Path) -> Probe:
    """Measures a file; raises a MediaError that says why when it cannot be taken in."""
    with files.opened(path) as file:
        format = formats.of(file)
        frame = thumbnails.first_frame(file, format)
        status = os.fstat(file.fileno())
        return Probe(
            kind="video" if format.moves or frame.duration_ms is not None else "image",
            content_type=format.content_type,
            width=frame.width,
            height=frame.height,
            duration_ms=frame.duration_ms,
            byte_size=status.st_size,
            sha256=_fingerprint(file),
            blurhash=thumbnails.blurred(frame.image),
            taken=_moment(status.st_mtime),
            thumbnail=thumbnails.encoded(frame.image),
        )


def _fingerprint(file: BufferedReader) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(min(max(seconds, 0), _LAST_SECOND), UTC)
