"""The texts that generators leave inside their files, found without decoding a pixel."""

import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from PIL import Image

from media import chunks, exif, formats, videos
from media.chunks import Chunk
from media.formats import Format

LONGEST_TEXT = 4 * 1024 * 1024
NAMES = ("prompt", "workflow", "parameters", "comment")

_PNG_TEXTS = (b"tEXt", b"zTXt", b"iTXt", b"comf")
_LONGEST_KEYWORD = 80


@dataclass(frozen=True)
class Notes:
    """The texts by name, and the names of those too long to be read."""

    texts: dict[str, str]
    too_long: tuple[str, ...] = ()


def read(file: BinaryIO, format: Format) -> Notes:
    """The notes of an open file; of two by one name, the first."""
    texts: dict[str, str] = {}
    too_long: list[str] = []
    for name, text in _READERS.get(format, _of_video)(file, format):
        if text is None or len(text) > LONGEST_TEXT:
            too_long.append(name)
        else:
            texts.setdefault(name, text)
    return Notes(_unwrapped(texts), tuple(too_long))


Found = Iterator[tuple[str, str | None]]


def _of_png(file: BinaryIO, format: Format) -> Found:
    for chunk in chunks.png(file):
        if chunk.kind in _PNG_TEXTS:
            keyword = chunks.content(file, chunk, _LONGEST_KEYWORD).partition(b"\0")[0]
            name = keyword.decode("latin-1").lower()
            if name in NAMES:
                yield name, _png_text(file, chunk)
        elif chunk.kind == b"eXIf" and chunk.size <= LONGEST_TEXT:
            yield from exif.texts(chunks.content(file, chunk, LONGEST_TEXT))


def _of_webp(file: BinaryIO, format: Format) -> Found:
    for chunk in chunks.webp(file):
        if chunk.kind != b"EXIF":
            continue
        if chunk.size > LONGEST_TEXT:
            yield "EXIF", None
        else:
            yield from exif.texts(chunks.content(file, chunk, LONGEST_TEXT))


def _of_jpeg(file: BinaryIO, format: Format) -> Found:
    try:
        with Image.open(file, formats=[format.reader]) as image:
            content = image.info.get("exif", b"")
    except (Image.DecompressionBombError, SyntaxError, IndexError, TypeError):
        return
    if len(content) > LONGEST_TEXT:
        yield "EXIF", None
    else:
        yield from exif.texts(content)


def _of_gif(file: BinaryIO, format: Format) -> Found:
    return iter(())


def _of_video(file: BinaryIO, format: Format) -> Found:
    found = videos.texts(file, format)
    return ((name, found[name]) for name in NAMES if name in found)


def _png_text(file: BinaryIO, chunk: Chunk) -> str | None:
    """A PNG text, or None when it is too long, packed or not."""
    if chunk.size > LONGEST_TEXT:
        return None
    content = chunks.content(file, chunk, LONGEST_TEXT).partition(b"\0")[2]
    if chunk.kind == b"zTXt":
        return _unpacked(content[1:])
    if chunk.kind != b"iTXt":
        return exif.decoded(content)
    packed, text = content[:1] == b"\1", content[2:].split(b"\0", 2)[-1]
    return _unpacked(text) if packed else exif.decoded(text)


def _unpacked(content: bytes) -> str | None:
    try:
        text = zlib.decompressobj().decompress(content, LONGEST_TEXT + 1)
    except zlib.error:
        return ""
    return exif.decoded(text) if len(text) <= LONGEST_TEXT else None


def _unwrapped(texts: dict[str, str]) -> dict[str, str]:
    """Videos and some nodes keep everything as one JSON object in the comment."""
    comment = texts.pop("comment", "")
    if not comment.lstrip().startswith("{"):
        return texts
    try:
        inside: dict[str, Any] = json.loads(comment)
        return {name: _as_text(inside[name]) for name in NAMES if inside.get(name)} | texts
    except (ValueError, RecursionError):
        return texts


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


_READERS: dict[Format, Callable[[BinaryIO, Format], Found]] = {
    formats.PNG: _of_png,
    formats.WEBP: _of_webp,
    formats.JPEG: _of_jpeg,
    formats.GIF: _of_gif,
}
