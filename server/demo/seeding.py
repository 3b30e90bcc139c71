"""Seeding: the demo studio, planned, drawn, and written, once."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from db import seeds
from server import local, progress
from server.demo import people
from server.demo.drawing import draw
from server.demo.projects import Project
from server.demo.studio import Studio, identity
from server.demo.themes import FOREIGN, HARBOUR, STUDIO, Theme
from server.readers import Readers

RUNS, EDITS = 28, 20
FOREIGN_RUNS = 2


def ensure(url: str, store: Path) -> None:
    """Draw the studio into the database and the media folder, unless it is there."""
    folders = [store / id for id in project_ids()]
    if seeds.holds(url, project_ids()) and all(folder.is_dir() for folder in folders):
        return
    draw_into(url, store, planned(datetime.now(UTC).replace(microsecond=0), STUDIO, RUNS, EDITS))


def draw_into(url: str, store: Path, studio: Studio) -> None:
    """Draw what is planned, then write it all at once."""
    with progress.bars() as watch, Readers() as readers:
        draw(studio, store, readers, watch)
    seeds.write(url, studio.rows, thumbnails(studio))


def planned(now: datetime, themes: Sequence[Theme], runs: int, edits: int) -> Studio:
    """Everything but the files; the same for the same moment."""
    studio = Studio(now)
    people.arrive(studio)
    for theme in themes:
        Project(studio, theme, local.USER_ID).fill(runs, edits)
    Project(studio, FOREIGN, people.STRANGER).fill(FOREIGN_RUNS, 1)
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
