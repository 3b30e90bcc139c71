"""Small stand-ins for a picture: a WebP, and a blur of a few letters."""

from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal

import blurhash  # type: ignore[import-untyped]
from PIL import Image

from media import files, formats, pictures, videos
from media.formats import Format
from media.pictures import Frame

Kind = Literal["image", "video"]

LONGEST_SIDE = 512
_QUALITY = 80
_BLURRED_SIDE = 32
_COMPONENTS = 4


def thumbnail(path: Path, kind: Kind) -> bytes:
    """A WebP of the first frame, upright, at most 512 pixels on its longest side."""
    with files.opened(path) as file:
        return encoded(first_frame(file, formats.of(file)).image)


def narrowed(path: Path, width: int) -> bytes:
    """A WebP of the first frame, upright, of this width or its own if that is less."""
    with files.opened(path) as file:
        format = formats.of(file)
        image = pictures.first_frame(file, format, width).image
        image.thumbnail((width, image.height), Image.Resampling.LANCZOS, reducing_gap=2.0)
        return _webp(image)


def first_frame(file: BinaryIO, format: Format) -> Frame:
    """The first frame of a picture or video, large enough for a thumbnail."""
    if format.moves:
        return videos.first_frame(file, format)
    return pictures.first_frame(file, format, LONGEST_SIDE)


def encoded(image: Image.Image) -> bytes:
    """A picture as a WebP of at most 512 pixels on its longest side."""
    return _webp(_within(image, LONGEST_SIDE))


def blurred(image: Image.Image) -> str:
    """The BlurHash of a picture, what shines through taken as white."""
    small = _within(image, _BLURRED_SIDE)
    if small.mode == "RGBA":
        small = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small)
    pixels = small.convert("RGB").get_flattened_data()
    rows = [pixels[at : at + small.width] for at in range(0, len(pixels), small.width)]
    return str(blurhash.encode(rows, _COMPONENTS, _COMPONENTS))


def _webp(image: Image.Image) -> bytes:
    with BytesIO() as buffer:
        image.save(buffer, "WEBP", quality=_QUALITY, method=4)
        return buffer.getvalue()


def _within(image: Image.Image, side: int) -> Image.Image:
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return small
