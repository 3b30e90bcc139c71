"""Files of a folder that nobody vouches for: found, held inside it, opened, and named."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

from media.errors import HostileFile, MissingFile, UnreadableFile

_LONGEST_NAME = 255


def walk(folder: Path) -> Iterator[Path]:
    """What a folder and its sub-folders hold, in name order, without hidden files.

    Links to folders are given as they are, never followed.
    """
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links = [name for name in folders if Path(place, name).is_symlink()]
        yield from (Path(place, name) for name in sorted(names + links) if name[0] != ".")


def within(folder: Path, path: Path) -> Path:
    """The path, which is refused when a link in it leads out of the folder."""
    try:
        inside = path.resolve(strict=True).is_relative_to(folder.resolve(strict=True))
    except (OSError, RuntimeError, ValueError) as error:
        raise MissingFile("The file is gone, or its link leads nowhere.") from error
    if not inside:
        raise HostileFile("It is a link that leads out of the folder.")
    return path


@contextmanager
def opened(path: Path) -> Iterator[BufferedReader]:
    """A plain file for reading; whatever goes wrong with the disk is an UnreadableFile."""
    try:
        with plain(path) as file:
            yield file
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its content makes no sense"
        raise UnreadableFile(f"The file cannot be read: {reason.lower()}.") from error


def plain(path: Path) -> BufferedReader:
    """A plain file for reading, whose troubles stay those of the operating system."""
    # Without O_NONBLOCK, opening a pipe would wait for its writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise HostileFile("It is not a plain file.")


def readable(name: str) -> str:
    """A file's name on one line, with nothing in it that is not text."""
    text = os.fsencode(name).decode(errors="replace")
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.split())[:_LONGEST_NAME]
