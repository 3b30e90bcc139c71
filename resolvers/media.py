"""Where browsers load pictures and videos from."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from db.base import Id
from db.errors import BadInput
from db.rows import Row
from media import sizes
from resolvers import checks
from resolvers.context import Context

LONGEST_ADDRESS = 4096
LARGEST_SIDE = 100_000
LONGEST_SECONDS = 1_000_000


@dataclass(frozen=True)
class NewFile:
    """A file for something new, uploaded or on the web, and what is known of it."""

    upload_id: Id | None = None
    location: str | None = None
    thumbnail_url: str | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None


def url(row: Row, context: Context, width: int | None = None) -> str | None:
    """Where a browser loads the file: signed, and the same for a while."""
    location = row.location
    return location and context.signer.sign(_narrowed(row, location, width))


def thumb_url(row: Row, context: Context, width: int | None = None) -> str | None:
    """Where a browser loads the small picture: signed, and the same for a while."""
    location = row.thumbnail_url
    return location and context.signer.sign(sizes.at_width(location, width))


def url_identity(row: Row, context: Context, width: int | None = None) -> str | None:
    """What names the file behind `url` and never changes, for caches."""
    location = row.location
    return location and context.signer.identity(_narrowed(row, location, width))


def thumb_url_identity(row: Row, context: Context, width: int | None = None) -> str | None:
    """What names the file behind `thumbUrl` and never changes, for caches."""
    location = row.thumbnail_url
    return location and context.signer.identity(sizes.at_width(location, width))


def _narrowed(row: Row, location: str, width: int | None) -> str:
    """What moves is served as it is: another size would be a still."""
    return location if row.duration_ms is not None else sizes.at_width(location, width)


def duration(row: Row) -> float | None:
    """How long it plays, in seconds."""
    return None if row.duration_ms is None else row.duration_ms / 1000


def taken(file: NewFile) -> dict[str, Any]:
    """The columns that tell of a file, once it is clear that they can be taken."""
    for argument, address in (("location", file.location), ("thumbnailUrl", file.thumbnail_url)):
        _check_address(argument, address)
    for argument, side in (("width", file.width), ("height", file.height)):
        checks.check_range(argument, side, 1, LARGEST_SIDE)
    checks.check_range("duration", file.duration, 0, LONGEST_SECONDS)
    return {
        "location": file.location,
        "thumbnail_url": file.thumbnail_url,
        "width": file.width,
        "height": file.height,
        "duration_ms": None if file.duration is None else round(1000 * file.duration),
    }


def _check_address(argument: str, address: str | None) -> None:
    """Only addresses on the web: what we keep ourselves is reached through uploads."""
    if address is None:
        return
    checks.check_length(argument, address, LONGEST_ADDRESS)
    if not _is_on_the_web(address):
        raise BadInput(f"`{argument}` must be an address such as https://…", argument)


def _is_on_the_web(address: str) -> bool:
    if not address.startswith(("http://", "https://")):
        return False
    try:
        host = urlsplit(address).hostname
    except ValueError:
        return False
    return bool(host) and all(sign.isprintable() and sign != " " for sign in address)
