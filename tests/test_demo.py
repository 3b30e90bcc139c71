"""The demo studio is believable, the same every time, and its queries can be pasted."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from media.drawings import files, pictures
from media.drawings.pictures import Picture
from media.probe import probe
from server import local
from server.demo import people, seeding, welcome
from server.demo.studio import Studio, identity
from server.demo.themes import FOREIGN, HARBOUR, NORTH, STUDIO
from tests.asking import Asking

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SMALL = [replace(theme, size=(64, 48)) for theme in STUDIO]


@pytest.fixture(scope="module")
def store(gateway_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The studio in the database, its pictures small."""
    folder = tmp_path_factory.mktemp("media")
    seeding.draw_into(gateway_url, folder, planned())
    return folder


@pytest.fixture
def facts(store: Path, owner: psycopg.Connection) -> Callable[[str], int]:
    """Counts rows of the local user's projects."""

    def count(condition: str) -> int:
        found = owner.execute(
            f"select count(*) from {condition} and project_id = any(%s::uuid[])",
            ([identity("project", theme.name) for theme in STUDIO],),
        ).fetchone()
        return int(found[0])  # type: ignore[index]

    return count


def test_the_studio_is_planned_the_same_every_time() -> None:
    assert planned().rows == planned().rows


def test_the_real_studio_has_some_600_generations() -> None:
    studio = seeding.planned(NOW, STUDIO, seeding.RUNS, seeding.EDITS)
    assert 560 <= len(studio.rows["generations"]) <= 680


def test_every_row_of_a_table_has_the_same_columns() -> None:
    for rows in planned().rows.values():
        assert {tuple(row) for row in rows} == {tuple(rows[0])}


def test_a_picture_is_drawn_the_same_every_time() -> None:
    for scene in pictures.SCENES:
        picture = Picture(scene, 7, "dusk", "film", 96, 64, 0.4)
        assert files.draw(picture) == files.draw(picture)


def test_every_file_is_what_its_row_says(store: Path, owner: psycopg.Connection) -> None:
    found = owner.execute(
        "select location, byte_size, width, duration_ms from generation_variants"
        " where project_id = %s",
        (identity("project", NORTH.name),),
    ).fetchall()
    assert found
    for location, size, width, duration in found:
        measured = probe(store / location.removeprefix("media/"))
        assert (measured.byte_size, measured.width) == (size, width)
        assert (measured.duration_ms is None) == (duration is None)


def test_variants_wait_to_be_seen_and_stand_in_for_their_originals(
    facts: Callable[[str], int],
) -> None:
    assert facts("generation_variants where viewed_at is null") > 0
    assert facts("generation_variants where variant_type = 'upscaled' and is_primary") > 0
    assert facts("generation_variants where variant_type = 'original' and not is_primary") > 0


def test_videos_have_segments_that_show_pairs(facts: Callable[[str], int]) -> None:
    assert facts("generations where jsonb_array_length(children) >= 3") >= 9
    assert facts("generations where is_child and pair_shot_generation_id is not null") >= 30


def test_tasks_have_every_status(store: Path, owner: psycopg.Connection) -> None:
    found = owner.execute("select distinct status from tasks").fetchall()
    assert len(found) == 5


def test_some_are_starred_and_some_wait_beside_a_timeline(facts: Callable[[str], int]) -> None:
    assert facts("generations where starred") > 0
    assert facts("shot_generations where position is null") > 0
    assert facts("shot_generations where metadata ? 'enhanced_prompt'") > 0


async def test_the_gallery_that_is_shown_can_be_asked_for(store: Path, asking: Asking) -> None:
    answer = await asking(welcome.GALLERY, local.USER_ID)
    page = answer["project"]["generations"]
    assert page["totalCount"]["value"] > len(page["nodes"]) == 12


async def test_the_shot_that_is_shown_has_pairs_and_videos(store: Path, asking: Asking) -> None:
    answer = await asking(welcome.TIMELINE, local.USER_ID)
    shot = answer["shot"]
    assert len(shot["pairs"]["nodes"]) == len(shot["timeline"]["nodes"]) - 1 >= 3
    assert all(pair["resolvedPrompt"] for pair in shot["pairs"]["nodes"])
    assert shot["finalVideos"]["nodes"][0]["children"]["nodes"]


async def test_the_lineage_that_is_shown_is_deep(store: Path, asking: Asking) -> None:
    answer = await asking(welcome.LINEAGE, local.USER_ID)
    assert answer["generation"]["basedOn"]
    assert len(answer["generation"]["lineage"]["edges"]) >= 6


def test_a_colleague_looks_on_and_strangers_stay_strangers(
    store: Path, acting_as: Callable[[str], AbstractContextManager[psycopg.Connection]]
) -> None:
    names = "select array_agg(name order by name) from projects"
    expected = {
        local.USER_ID: sorted(theme.name for theme in STUDIO),
        people.COLLEAGUE: [HARBOUR.name],
        people.STRANGER: [FOREIGN.name],
    }
    for person, wanted in expected.items():
        with acting_as(person) as connection:
            found = connection.execute(names).fetchone()
            assert found is not None
            assert found[0] == wanted


def test_seeding_again_draws_nothing(store: Path, gateway_url: str) -> None:
    before = {path: path.stat().st_mtime_ns for path in store.rglob("*.*")}
    seeding.ensure(gateway_url, store)
    assert {path: path.stat().st_mtime_ns for path in store.rglob("*.*")} == before


def planned() -> Studio:
    """A studio with fewer runs."""
    return seeding.planned(NOW, SMALL, runs=4, edits=3)
