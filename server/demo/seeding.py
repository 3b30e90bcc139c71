"""Seeding: the demo studio, planned, drawn, and written, once."""

from datetime import UTC, datetime
from pathlib import Path

from db import seeds
from server import local, progress
from server.demo import people
from server.demo.drawing import draw
from server.demo.projects import Project
from server.demo.studio import Studio, identity
from server.demo.themes import FOREIGN, HARBOUR, STUDIO
from server.readers import Readers

_RUNS, _EDITS = 28, 20
_FOREIGN_RUNS = 2


def ensure(url: str, store: Path) -> None:
    """Draw the studio into the database and the media folder, unless it is there."""
    if seeds.holds(url, project_ids()):
        return
    studio = planned(datetime.now(UTC).replace(microsecond=0))
    with progress.bars() as watch, Readers() as readers:
        draw(studio, store, readers, watch)
    seeds.write(url, studio.rows, thumbnails(studio))


def planned(now: datetime) -> Studio:
    """Everything but the files; the same for the same moment."""
    studio = Studio(now)
    people.arrive(studio)
    for theme in STUDIO:
        Project(studio, theme, local.USER_ID).fill(_RUNS, _EDITS)
    foreign = Project(studio, FOREIGN, people.STRANGER)
    foreign.fill(_FOREIGN_RUNS, 1)
    studio.add(
        "project_members",
        project_id=identity("project", HARBOUR.name),
        user_id=people.COLLEAGUE,
        role="viewer",
    )
    return studio


def project_ids() -> list[str]:
    """The projects that are drawn."""
    return [identity("project", theme.name) for theme in (*STUDIO, FOREIGN)]


def thumbnails(studio: Studio) -> list[dict[str, str]]:
    """Each project is known by the first image of its first shot."""
    shown = {id: identity(id, "still 0 0") for id in project_ids()}
    return [{"id": id, "thumbnail_generation_id": shown[id]} for id in shown]
