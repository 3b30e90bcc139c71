"""The blocks that PNG, WebP and GIF files are made of, walked without decoding anything."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from media.errors import HostileFile, UnreadableFile

_MOST_BLOCKS = 1_000_000
_SIGNATURE = 8
_RIFF_HEADER = 12
_GIF_HEADER = 13
_GIF_FRAME_CONTROL = b"\x21\xf9"


@dataclass(frozen=True)
class Chunk:
    """One block: its kind, and where its content lies in the file."""

    kind: bytes
    start: int
    size: int


def png(file: BinaryIO) -> Iterator[Chunk]:
    """The chunks of a PNG, up to where it ends or is cut off."""
    return _chunks(file, _SIGNATURE, struct.Struct(">I4s"), checksum=4, align=1)


def webp(file: BinaryIO) -> Iterator[Chunk]:
    """The chunks of a WebP, up to where it ends or is cut off."""
    return _chunks(file, _RIFF_HEADER, struct.Struct("<4sI"), checksum=0, align=2)


def content(file: BinaryIO, chunk: Chunk, limit: int) -> bytes:
    """At most `limit` bytes of a chunk."""
    file.seek(chunk.start)
    return file.read(min(chunk.size, limit))


def gif_delays(file: BinaryIO) -> list[int]:
    """How long each frame of a GIF is shown, in milliseconds."""
    file.seek(0)
    header = file.read(_GIF_HEADER)
    if len(header) < _GIF_HEADER:
        raise UnreadableFile("The file ends within its header.")
    file.seek(_GIF_HEADER + _palette(header[10]))
    return [10 * delay for delay in _gif_frames(file)]


def _chunks(
    file: BinaryIO, start: int, header: struct.Struct, checksum: int, align: int
) -> Iterator[Chunk]:
    for _ in range(_MOST_BLOCKS):
        file.seek(start)
        head = file.read(header.size)
        if len(head) < header.size:
            return
        first, second = header.unpack(head)
        kind, size = (first, second) if isinstance(first, bytes) else (second, first)
        yield Chunk(kind, start + header.size, size)
        start += header.size + size + size % align + checksum
    raise HostileFile("The file is cut into more than a million pieces.")


def _gif_frames(file: BinaryIO) -> Iterator[int]:
    delay = 0
    for _ in range(_MOST_BLOCKS):
        marker = file.read(1)
        if marker == b"\x2c":
            descriptor = file.read(9)
            file.seek(_palette(descriptor[8] if len(descriptor) == 9 else 0) + 1, 1)
            yield delay
        elif marker == b"\x21":
            delay = _gif_delay(file, delay)
        else:
            return
        _skip(file)
    raise HostileFile("The file is cut into more than a million pieces.")


def _gif_delay(file: BinaryIO, before: int) -> int:
    if file.read(1) != _GIF_FRAME_CONTROL[1:]:
        return before
    block = file.read(5)
    return int.from_bytes(block[2:4], "little")


def _skip(file: BinaryIO) -> None:
    """Passes the small blocks up to the empty one that ends them."""
    while size := int.from_bytes(file.read(1)):
        file.seek(size, 1)


def _palette(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0
