"""The kinds of files that are read here, told apart by content, never by name."""

from dataclasses import dataclass
from typing import BinaryIO

from media.errors import UnreadableFile, UnsupportedFile


@dataclass(frozen=True)
class Format:
    """A kind of file; `reader` is its name for the library that decodes it."""

    content_type: str
    extension: str
    reader: str

    @property
    def moves(self) -> bool:
        """Whether it holds a video, whatever its content."""
        return self.content_type.startswith("video/")


PNG = Format("image/png", "png", "PNG")
JPEG = Format("image/jpeg", "jpg", "JPEG")
WEBP = Format("image/webp", "webp", "WEBP")
GIF = Format("image/gif", "gif", "GIF")
MP4 = Format("video/mp4", "mp4", "mp4")
QUICKTIME = Format("video/quicktime", "mov", "mov")
WEBM = Format("video/webm", "webm", "webm")
MATROSKA = Format("video/x-matroska", "mkv", "matroska")

ALL = (PNG, JPEG, WEBP, GIF, MP4, QUICKTIME, WEBM, MATROSKA)

_HEAD = 64
_PICTURE_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1", b"jxl ", b"crx ")


def of(file: BinaryIO) -> Format:
    """The kind of an open file; afterwards it stands at its beginning."""
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(0)
    return sniff(head)


def sniff(head: bytes) -> Format:
    """The kind of a file by its first 64 bytes."""
    if not head:
        raise UnreadableFile("The file is empty.")
    found = _picture(head) or _video(head)
    if found is None:
        raise UnsupportedFile("It is not a PNG, JPEG, WebP, GIF, MP4, QuickTime or WebM file.")
    return found


def _picture(head: bytes) -> Format | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    return WEBP if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


def _video(head: bytes) -> Format | None:
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return WEBM if b"webm" in head else MATROSKA
    if head[4:8] != b"ftyp" or head[8:12] in _PICTURE_BRANDS:
        return None
    return QUICKTIME if head[8:12] == b"qt  " else MP4
