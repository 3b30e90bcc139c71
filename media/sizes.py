"""Sizes: the widths in which pictures are served, and the locations that stand for them."""

from pathlib import PurePosixPath

from media import formats

PREFIX = "sized/"
KEPT = "media/"
WIDTHS = (160, 320, 640, 1280)

_PICTURES = {f".{format.extension}" for format in formats.ALL if not format.moves}


def at_width(location: str, width: int | None) -> str:
    """Where a picture is served in the narrowest width that is enough; others stay as they are."""
    wide = next((one for one in WIDTHS if width is not None and one >= width), None)
    if wide is None or not location.startswith(KEPT):
        return location
    if PurePosixPath(location).suffix not in _PICTURES:
        return location
    return f"{PREFIX}{wide}/{location.removeprefix(KEPT)}"


def kept_as(key: str, width: int) -> str:
    """Where the narrowed picture of a file is kept, below the folder of all of them."""
    return f"{width}/{key}.webp"
