"""Drawn files: a picture or a video as bytes, with everything that is known of it."""

from dataclasses import dataclass, field

from PIL import Image

from media import thumbnails
from media.drawings import clips, pictures
from media.drawings.clips import Clip
from media.drawings.pictures import Picture
from media.thumbnails import Kind

_THUMBNAIL_SIDE = 320
_BLURRED_SIZE = (16, 16)


@dataclass(frozen=True)
class Drawing:
    """A file, its thumbnail, and its measures."""

    kind: Kind
    width: int
    height: int
    duration_ms: int | None
    blurhash: str
    content: bytes = field(repr=False)
    thumbnail: bytes = field(repr=False)


def draw(wanted: Picture | Clip) -> Drawing:
    """The file of a picture or a clip; the same one every time."""
    if isinstance(wanted, Clip):
        content, image, duration = clips.encoded(wanted)
        return _measured("video", image, duration, content)
    image = pictures.drawn(wanted)
    return _measured("image", image, None, pictures.encoded(image, wanted.quality))


def _measured(kind: Kind, image: Image.Image, duration: int | None, content: bytes) -> Drawing:
    small = image.copy()
    small.thumbnail((_THUMBNAIL_SIDE, _THUMBNAIL_SIDE))
    return Drawing(
        kind=kind,
        width=image.width,
        height=image.height,
        duration_ms=duration,
        blurhash=thumbnails.blurred(small.resize(_BLURRED_SIZE)),
        content=content,
        thumbnail=thumbnails.encoded(small),
    )
