"""Importing a folder of AI outputs: looked through, measured, kept, and written as generations."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from db import imports
from db.imports import Batch, Import, NewEntry, NewGeneration, NewShot
from media import files, probe
from media.errors import MediaError, UnreadableFile
from media.store import LocalStore
from server import folders, progress
from server.folders import Look
from server.readers import Readers
from server.summary import Summary

BATCH = 50

Watch = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Target:
    """Where files go: a project, and the media folder of this machine."""

    project_id: str
    store: Path


@dataclass(frozen=True)
class Owner:
    """Whose project is meant: the viewer by their claims, the project by its name or id."""

    claims: Mapping[str, Any]
    project: str


def bring(url: str, owner: Owner, store: Path, folder: Path) -> Summary:
    """Import a folder into a project of its owner, with progress shown."""
    with imports.opened(url, owner.claims) as writer, Readers() as readers:
        target = Target(writer.project(owner.project), store)
        with progress.bars() as watch:
            return Importing(writer, readers, target, watch).run(folder)


class Importing:
    """A folder on its way into a project; `watch` is told what is done, and how far it is."""

    def __init__(self, writer: Import, readers: Readers, target: Target, watch: Watch) -> None:
        self.summary = Summary()
        self._writer = writer
        self._readers = readers
        self._target = target
        self._watch = watch
        self._there: set[str] = set()
        self._shots: set[str] = set()

    def run(self, folder: Path) -> Summary:
        """Bring in what the folder holds and the project lacks; nothing there is changed."""
        looks = list(self._look(folder.resolve()))
        self._there = self._writer.known([self._id(look) for look in looks])
        rows = self._rows(looks)
        while batch := list(islice(rows, BATCH)):
            self._writer.write(self._target.project_id, self._batch(batch))
        self._link(looks)
        return self.summary

    def _look(self, folder: Path) -> Iterator[Look]:
        paths = folders.contents(folder)
        found = self._readers.read(partial(folders.look, folder), paths)
        for count, (path, seen) in enumerate(zip(paths, found, strict=True), 1):
            self._watch("Looking", count, len(paths))
            if isinstance(seen, Look):
                yield seen
            else:
                self.summary.skipped.append((path.relative_to(folder), str(seen)))

    def _rows(self, looks: list[Look]) -> Iterator[tuple[Look, NewGeneration | None]]:
        """Each file with the generation to be written for it, if it is new."""
        firsts = {look.sha256: look for look in reversed(looks)}
        new = [
            look
            for look in looks
            if firsts[look.sha256] is look and self._id(look) not in self._there
        ]
        taken = zip(new, self._readers.read(partial(take, self._target), new), strict=True)
        waiting = {id(look) for look in new}
        for count, look in enumerate(looks, 1):
            made = next(taken)[1] if id(look) in waiting else None
            self._watch("Reading", count, len(looks))
            yield look, self._counted(look, made, firsts[look.sha256] is look)

    def _counted(
        self, look: Look, made: NewGeneration | MediaError | None, is_first: bool
    ) -> NewGeneration | None:
        if isinstance(made, NewGeneration):
            self._there.add(made.id)
            self.summary.count(made.type, made.prompt)
            if look.recipe and look.recipe.problem:
                self.summary.remarks.append((look.name, look.recipe.problem))
            return made
        if made is not None:
            self.summary.skipped.append((look.name, str(made)))
        elif self._id(look) not in self._there:
            self.summary.skipped.append((look.name, "It is the same as a file that is left out."))
        elif is_first:
            self.summary.known += 1
        else:
            self.summary.copies += 1
        return None

    def _batch(self, rows: list[tuple[Look, NewGeneration | None]]) -> Batch:
        batch = Batch()
        for look, made in rows:
            shot_id = look.shot_id(self._target.project_id)
            if made is not None:
                batch.generations.append(made)
            if shot_id is None or self._id(look) not in self._there:
                continue
            if shot_id not in self._shots:
                self._shots.add(shot_id)
                self.summary.shots += 1
                batch.shots.append(NewShot(shot_id, look.shot_name()))
            batch.entries.append(NewEntry(shot_id, self._id(look)))
        return batch

    def _link(self, looks: list[Look]) -> None:
        ids = {look.sha256: self._id(look) for look in looks if self._id(look) in self._there}
        pairs = {
            ids[derived]: ids[source]
            for derived, source in folders.lineage(looks).items()
            if derived in ids and source in ids
        }
        self._writer.link(self._target.project_id, pairs)
        self.summary.derived = len(pairs)

    def _id(self, look: Look) -> str:
        return look.generation_id(self._target.project_id)


def take(target: Target, look: Look) -> NewGeneration:
    """Measures a file and keeps it; raises a MediaError that says why it cannot be."""
    measured = probe.probe(look.path)
    if measured.sha256 != look.sha256:
        raise UnreadableFile("It was changed while it was read.")
    location, thumbnail = _kept(target, look.path, measured.thumbnail)
    recipe = look.recipe
    return NewGeneration(
        id=look.generation_id(target.project_id),
        type=measured.kind,
        location=location,
        thumbnail_url=thumbnail,
        name=files.readable(look.path.name),
        params=recipe.params if recipe else {},
        prompt=recipe.prompt if recipe else None,
        model=recipe.model if recipe else None,
        width=measured.width,
        height=measured.height,
        duration_ms=measured.duration_ms,
        byte_size=measured.byte_size,
        blurhash=measured.blurhash,
        created_at=measured.taken,
    )


def _kept(target: Target, path: Path, thumbnail: bytes) -> tuple[str, str]:
    store = LocalStore(target.store)
    try:
        return store.put(target.project_id, path), store.put(target.project_id, thumbnail)
    except OSError as error:
        raise UnreadableFile(f"It cannot be kept: {error.strerror}.") from error
