"""What became of an import, told to the person who started it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from media import files

_MOST_LISTED = 100


@dataclass
class Summary:
    """The counts of an import, and every file that was left out, with its reason."""

    images: int = 0
    videos: int = 0
    prompts: int = 0
    shots: int = 0
    derived: int = 0
    known: int = 0
    copies: int = 0
    skipped: list[tuple[Path, str]] = field(default_factory=list)
    remarks: list[tuple[Path, str]] = field(default_factory=list)

    def count(self, kind: str, prompt: str | None) -> None:
        """One more file was read."""
        self.images += kind == "image"
        self.videos += kind == "video"
        self.prompts += prompt is not None

    @property
    def found_anything(self) -> bool:
        """Whether at least one file could be read, now or before."""
        return bool(self.images or self.videos or self.known)

    def show(self, console: Console, title: str) -> None:
        """Print everything as tables."""
        table = Table(title=Text(title), title_justify="left", show_header=False, box=None)
        for count, words in self._counts():
            table.add_row(Text(str(count), justify="right"), words)
        console.print(table)
        _list(console, "Left out", self.skipped)
        _list(console, "Read without their recipes", self.remarks)

    def _counts(self) -> Iterator[tuple[int, str]]:
        yield self.images, "images read"
        yield self.videos, "videos read"
        yield self.prompts, "of them with a prompt"
        yield self.derived, "of all files made from another file of the folder"
        yield self.shots, "sub-folders as shots"
        yield self.known, "skipped: already in the project"
        yield self.copies, "skipped: the same picture again in the folder"
        yield len(self.skipped), "left out"


def _list(console: Console, title: str, found: list[tuple[Path, str]]) -> None:
    if not found:
        return
    table = Table("File", "Why", title=Text(title), title_justify="left")
    for path, why in islice(found, _MOST_LISTED):
        table.add_row(Text(readable(path), overflow="fold"), Text(why))
    console.print(table)
    if len(found) > _MOST_LISTED:
        console.print(f"… and {len(found) - _MOST_LISTED:,} more.")


def readable(path: Path) -> str:
    """A path on one line, with nothing in it that is not text."""
    return "/".join(map(files.readable, path.parts))
