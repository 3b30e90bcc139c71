"""Texts inside EXIF: ComfyUI's, one in each tag, and Automatic1111's in the user comment."""

import re
import struct
import warnings
from collections.abc import Iterator
from typing import Any

from PIL import Image

# A broken block is nothing to warn about: the picture is read without it.
warnings.filterwarnings("ignore", module=r"PIL\.TiffImagePlugin")

_PHOTO = 0x8769
_USER_COMMENT = 0x9286
_NAMED = re.compile(r"(prompt|workflow)\s*:\s*(?=[{\[])", re.IGNORECASE)
_BROKEN = (OSError, SyntaxError, ValueError, IndexError, KeyError, TypeError, struct.error)


def texts(content: bytes) -> Iterator[tuple[str, str]]:
    """The texts of an EXIF block by the name of what they are; nothing when it is broken."""
    try:
        found = Image.Exif()
        found.load(content)
        tags, photo = dict(found), dict(found.get_ifd(_PHOTO))
    except _BROKEN:
        return
    yield from filter(None, map(_named, tags.values()))
    if _USER_COMMENT in photo:
        yield from _commented(photo[_USER_COMMENT])


def decoded(content: bytes) -> str:
    """Bytes as text: UTF-8 where they are that, else Latin-1."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _named(value: Any) -> tuple[str, str] | None:
    """ComfyUI writes the name of a text before it, in whatever tag is free."""
    text = _text(value)
    name = _NAMED.match(text)
    return (name[1].lower(), text[name.end() :].rstrip("\0")) if name else None


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return decoded(value)
    # Pillow takes what is ASCII by the standard, and UTF-8 in practice, for Latin-1.
    return decoded(value.encode("latin-1", "replace")) if isinstance(value, str) else ""


def _commented(value: Any) -> Iterator[tuple[str, str]]:
    text = _comment(value) if isinstance(value, bytes) else _text(value)
    named = _named(text)
    if named:
        yield named
    elif text.lstrip().startswith("{"):
        yield "comment", text
    elif text.strip():
        yield "parameters", text


def _comment(content: bytes) -> str:
    """A user comment, whose first eight bytes name its encoding."""
    encoding, text = content[:8], content[8:]
    if encoding.startswith(b"UNICODE"):
        return text.decode(_byte_order(text), "replace")
    if encoding.strip(b"\0 ") in (b"", b"ASCII", b"JIS"):
        return decoded(text)
    return decoded(content)


def _byte_order(text: bytes) -> str:
    """Writers disagree on the order of bytes; in settings most of the high ones are zero."""
    if text[:2] in (b"\xfe\xff", b"\xff\xfe"):
        return "utf-16"
    little = text[1::2].count(0) > text[::2].count(0)
    return "utf-16-le" if little else "utf-16-be"
