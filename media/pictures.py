"""The first frame of a picture file, and how large and how long the whole is."""

import struct
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from PIL import Image

from media import chunks, formats
from media.errors import HostileFile, UnreadableFile
from media.formats import Format

PIXEL_LIMIT = 100_000_000
BYTE_LIMIT = 512 * 1024 * 1024

# Pillow warns above this number, and refuses twice as many, when it opens a file.
Image.MAX_IMAGE_PIXELS = PIXEL_LIMIT
warnings.simplefilter("ignore", Image.DecompressionBombWarning)

_DRAWN = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"eXIf")
_BROKEN = (
    *(OSError, SyntaxError, ValueError, IndexError, KeyError, TypeError, struct.error),
    *(OverflowError, EOFError, ZeroDivisionError),
)
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Frame:
    """The first frame, upright; size as shown, duration in milliseconds when it moves."""

    image: Image.Image
    width: int
    height: int
    duration_ms: int | None


def first_frame(file: BinaryIO, format: Format, smallest: int) -> Frame:
    """The picture, decoded no smaller than `smallest` pixels where that saves time."""
    duration = _DURATIONS[format](file)
    source = _pixels(file, format)
    try:
        with Image.open(source, formats=[format.reader]) as image:
            return _decoded(image, duration, smallest)
    except Image.DecompressionBombError as error:
        raise HostileFile(_too_large()) from error
    except MemoryError as error:
        raise HostileFile("The picture does not fit into memory.") from error
    except _BROKEN as error:
        raise UnreadableFile("The picture is broken, or ends too early.") from error


def refuse_bomb(width: int, height: int) -> None:
    """Stops what is too large to decode; sizes are those of the header."""
    if width * height > PIXEL_LIMIT:
        raise HostileFile(_too_large())


def _too_large() -> str:
    return f"The picture has more than {PIXEL_LIMIT // 1_000_000} million pixels."


def _decoded(image: Image.Image, duration: int | None, smallest: int) -> Frame:
    refuse_bomb(*image.size)
    size = image.size
    image.draft("RGB", (smallest, smallest))
    orientation = _orientation(image)
    width, height = size[::-1] if orientation >= 5 else size
    plain = _plain(image)
    upright = plain.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else plain
    return Frame(upright, width, height, duration)


def _orientation(image: Image.Image) -> int:
    try:
        found = image.getexif().get(_ORIENTATION)
    except _BROKEN:
        return 1
    return found if found in _UPRIGHT else 1


def _plain(image: Image.Image) -> Image.Image:
    """As RGB, or RGBA where something shines through."""
    if image.mode.startswith("I"):
        # Depth maps have 16 bits; Pillow would clip them to white.
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("RGB")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _pixels(file: BinaryIO, format: Format) -> BinaryIO:
    """What the decoder may see: of a PNG the pixels alone, without its texts."""
    if format is not formats.PNG:
        _refuse_bytes(file.seek(0, 2))
        file.seek(0)
        return file
    drawn = [chunk for chunk in chunks.png(file) if chunk.kind in _DRAWN]
    _refuse_bytes(sum(chunk.size for chunk in drawn[:-1]))
    file.seek(0)
    pieces = [file.read(8)]
    for chunk in drawn:
        file.seek(chunk.start - 8)
        pieces.append(file.read(chunk.size + 12))
    return BytesIO(b"".join(pieces))


def _refuse_bytes(size: int) -> None:
    if size > BYTE_LIMIT:
        raise HostileFile(f"The picture is larger than {BYTE_LIMIT >> 20} MB.")


def _still(file: BinaryIO) -> int | None:
    return None


def _png_duration(file: BinaryIO) -> int | None:
    controls = [chunk for chunk in chunks.png(file) if chunk.kind == b"fcTL"]
    delays = (chunks.content(file, chunk, 26)[20:24] for chunk in controls)
    fractions = [struct.unpack(">HH", delay) for delay in delays if len(delay) == 4]
    return _total([round(1000 * over / (under or 100)) for over, under in fractions])


def _webp_duration(file: BinaryIO) -> int | None:
    """Also refuses a bomb: the decoder would take memory for the canvas at once."""
    delays = []
    for chunk in chunks.webp(file):
        if chunk.kind == b"VP8X":
            refuse_bomb(*_canvas(chunks.content(file, chunk, 10)))
        if chunk.kind == b"ANMF":
            delays.append(int.from_bytes(chunks.content(file, chunk, 16)[12:15], "little"))
    return _total(delays)


def _canvas(header: bytes) -> tuple[int, int]:
    wide, high = header[4:7], header[7:10]
    return int.from_bytes(wide, "little") + 1, int.from_bytes(high, "little") + 1


def _gif_duration(file: BinaryIO) -> int | None:
    return _total(chunks.gif_delays(file))


def _total(delays: list[int]) -> int | None:
    return sum(delays) if len(delays) > 1 else None


_DURATIONS: dict[Format, Callable[[BinaryIO], int | None]] = {
    formats.PNG: _png_duration,
    formats.JPEG: _still,
    formats.WEBP: _webp_duration,
    formats.GIF: _gif_duration,
}
