"""A folder of AI outputs, looked through without decoding: what is in it, and what came of what."""

import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from uuid import UUID, uuid5

from media import files, recipes
from media.recipes import Recipe

_NUMBER = re.compile(r"(\d{1,18})")


@dataclass(frozen=True)
class Look:
    """A file's fingerprint, and what its generator wrote into it."""

    path: Path
    folder: Path
    sha256: str
    recipe: Recipe | None

    @property
    def name(self) -> Path:
        """Its path, seen from the folder that is imported."""
        return self.path.relative_to(self.folder)

    def generation_id(self, project_id: str) -> str:
        """The id that this content has in a project."""
        return str(uuid5(UUID(project_id), self.sha256))

    def shot_id(self, project_id: str) -> str | None:
        """The id that its sub-folder has in a project; none when it lies in the folder itself."""
        place = str(self.name.parent)
        if place == ".":
            return None
        name = os.fsencode(place).decode(errors="backslashreplace")
        return str(uuid5(UUID(project_id), f"shot {name}"))

    def shot_name(self) -> str:
        """Its sub-folder's name, after the names of those around it."""
        return " / ".join(map(files.readable, self.name.parent.parts))


def contents(folder: Path) -> list[Path]:
    """All files in name order, 2 before 10; those of a folder before those of its sub-folders."""
    return sorted(
        files.walk(folder),
        key=lambda path: (
            [_natural(part) for part in path.parent.relative_to(folder).parts],
            _natural(path.name),
        ),
    )


def look(folder: Path, path: Path) -> Look:
    """A look at a file; raises a MediaError that says why it is left out."""
    files.within(folder, path)
    recipe = recipes.read_recipe(path)
    with files.opened(path) as file:
        return Look(path, folder, hashlib.file_digest(file, "sha256").hexdigest(), recipe)


def lineage(looks: Iterable[Look]) -> Mapping[str, str]:
    """Fingerprints of files, and of the file each was made from where that is in the folder too."""
    by_name: dict[str, list[Look]] = defaultdict(list)
    for seen in (looks := list(looks)):
        by_name[seen.path.name].append(seen)
    sources: dict[str, str] = {}
    for seen in looks:
        for source in _sources(seen, by_name):
            if seen.sha256 not in sources and not _leads_to(sources, source, seen.sha256):
                sources[seen.sha256] = source
    return sources


def _sources(seen: Look, by_name: Mapping[str, list[Look]]) -> Iterator[str]:
    for name in seen.recipe.inputs if seen.recipe else ():
        wanted = PurePosixPath(name.replace("\\", "/"))
        candidates = by_name.get(wanted.name, [])
        if candidates:
            yield min(candidates, key=lambda other: _distance(seen, other, wanted)).sha256


def _distance(seen: Look, other: Look, wanted: PurePosixPath) -> tuple[bool, bool]:
    """Of several files by one name, the one that the path names, then the one next to it."""
    parts = other.path.parts[-len(wanted.parts) :]
    return parts != wanted.parts, other.path.parent != seen.path.parent


def _leads_to(sources: Mapping[str, str], start: str, end: str) -> bool:
    """Whether something was made, over any number of steps, from what it is to be a source of."""
    step: str | None = start
    while step is not None and step != end:
        step = sources.get(step)
    return step == end


def _natural(name: str) -> tuple[list[str | int], str]:
    pieces = _NUMBER.split(name.casefold())
    return [int(piece) if at % 2 else piece for at, piece in enumerate(pieces)], name
