"""Folders of AI outputs become generations, shots and lineage."""

import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from db.imports import NotWritable
from tests import importing, samples
from tests.importing import Shelf
from tests.studio import Studio
from tests.test_media_outputs import FOLDER, OUTPUTS


@pytest.fixture
def shelf(owner: psycopg.Connection, gateway_url: str, tmp_path: Path) -> Shelf:
    return importing.fresh(owner, gateway_url, tmp_path)


def test_a_comfyui_picture_brings_its_recipe_and_is_measured(shelf: Shelf) -> None:
    file = samples.comfy_png(shelf.folder / "boat.png")
    os.utime(file, (1_700_000_000, 1_700_000_000))

    shelf.bring()

    row = shelf.generations()["boat.png"]
    assert (row["type"], row["width"], row["height"]) == ("image", 96, 64)
    assert (row["prompt"], row["model"]) == ("a red boat", "coast.safetensors")
    assert row["params"].items() >= {"negative_prompt": "fog", "seed": 42, "width": 640}.items()
    assert row["created_at"] == datetime.fromtimestamp(1_700_000_000, UTC)
    assert row["byte_size"] == file.stat().st_size
    assert row["blurhash"]


def test_an_automatic1111_picture_brings_its_recipe(shelf: Shelf) -> None:
    samples.parameters_png(shelf.folder / "lighthouse.png")
    shelf.bring()
    row = shelf.generations()["lighthouse.png"]
    assert row["model"] == "seaside_v3"
    assert row["prompt"].startswith("a lighthouse")
    assert row["params"]["seed"] == 1234567890


def test_the_file_and_its_thumbnail_are_kept_under_their_content(shelf: Shelf) -> None:
    file = samples.png(shelf.folder / "plain.png")
    shelf.bring()
    row = shelf.generations()["plain.png"]
    kept = shelf.store / row["location"].removeprefix("media/")
    assert kept.read_bytes() == file.read_bytes()
    assert (shelf.store / row["thumbnail_url"].removeprefix("media/")).read_bytes()[8:12] == b"WEBP"
    assert row["location"].startswith(f"media/{shelf.project}/")


def test_what_is_imported_is_not_new_to_its_owner(shelf: Shelf) -> None:
    samples.png(shelf.folder / "plain.png")
    shelf.bring()
    variants = shelf.rows("select * from generation_variants where project_id = %s")
    assert [(v["variant_type"], v["is_primary"]) for v in variants] == [("original", True)]
    assert variants[0]["viewed_at"] is not None


def test_whatever_moves_is_a_video_with_a_duration(shelf: Shelf) -> None:
    samples.comfy_webp(shelf.folder / "moving.webp", frames=4)
    samples.comfy_webp(shelf.folder / "still.webp")
    samples.video(shelf.folder / "clip.mp4", seconds=2)
    samples.video(shelf.folder / "clip.webm", seconds=1)
    samples.animated_gif(shelf.folder / "loop.gif")
    shelf.bring()
    found = {name: (row["type"], row["duration_ms"]) for name, row in shelf.generations().items()}
    assert found == {
        "moving.webp": ("video", 500),
        "still.webp": ("image", None),
        "clip.mp4": ("video", 2000),
        "clip.webm": ("video", 1000),
        "loop.gif": ("video", 240),
    }


def test_sub_folders_become_shots_in_name_order(shelf: Shelf) -> None:
    for place in ("scene 10", "scene 2/night", "scene 2", "Alps"):
        (shelf.folder / place).mkdir(parents=True, exist_ok=True)
        image = samples.drawing(colour=f"#{sum(place.encode()) * 971 % 0xFFFFFF:06x}")
        samples.png(shelf.folder / place / "one.png", image)
    (shelf.folder / "empty.png").mkdir()
    shelf.bring()
    assert shelf.shots() == ["Alps", "scene 2", "scene 2 / night", "scene 10"]


def test_images_are_placed_in_name_order_and_videos_wait(shelf: Shelf) -> None:
    scene = shelf.folder / "scene"
    scene.mkdir()
    for number in (10, 9, 1):
        samples.png(scene / f"{number}.png", samples.drawing(colour=f"#0000{number:02x}"))
    samples.video(scene / "0.mp4")
    shelf.bring()
    assert shelf.places() == [
        ("scene", "1.png", 0),
        ("scene", "9.png", 81),
        ("scene", "10.png", 162),
        ("scene", "0.mp4", None),
    ]


def test_a_picture_that_a_workflow_loaded_is_what_it_is_based_on(shelf: Shelf) -> None:
    (shelf.folder / "a").mkdir()
    (shelf.folder / "b").mkdir()
    samples.png(shelf.folder / "b" / "sketch.png", samples.drawing(colour="red"))
    loading = samples.comfy(
        image=samples.node("LoadImage", image="sketch.png"),
        encode=samples.node("VAEEncode", pixels=["image", 0], vae=["model", 2]),
        sampler=samples.sampler(latent_image=["encode", 0]),
    )
    samples.comfy_png(shelf.folder / "a" / "made.png", loading)

    summary = shelf.bring()

    rows = shelf.generations()
    assert rows["made.png"]["based_on"] == rows["sketch.png"]["id"]
    assert rows["sketch.png"]["based_on"] is None
    assert summary.derived == 1


def test_pictures_that_name_one_another_make_no_circle(shelf: Shelf) -> None:
    for name, source in (("one.png", "two.png"), ("two.png", "one.png")):
        loading = samples.comfy(
            image=samples.node("LoadImage", image=source),
            sampler=samples.sampler(latent_image=["image", 0]),
        )
        samples.comfy_png(shelf.folder / name, loading)
    shelf.bring()
    rows = shelf.generations()
    assert [rows["one.png"]["based_on"], rows["two.png"]["based_on"]].count(None) == 1


def test_importing_again_changes_nothing(shelf: Shelf) -> None:
    (shelf.folder / "scene").mkdir()
    samples.comfy_png(shelf.folder / "scene" / "one.png")
    samples.video(shelf.folder / "two.mp4")
    shelf.bring()
    before = (shelf.generations(), shelf.places(), shelf.shots())

    again = shelf.bring()

    assert (shelf.generations(), shelf.places(), shelf.shots()) == before
    assert (again.images, again.videos, again.known) == (0, 0, 2)


def test_the_same_picture_again_is_one_generation_in_both_its_shots(shelf: Shelf) -> None:
    for place in ("a", "b"):
        (shelf.folder / place).mkdir()
        samples.png(shelf.folder / place / f"{place}.png")
        samples.png(shelf.folder / place / f"{place} again.png")
    summary = shelf.bring()
    assert list(shelf.generations()) == ["a again.png"]
    assert shelf.places() == [("a", "a again.png", 0), ("b", "a again.png", 0)]
    assert (summary.images, summary.copies) == (1, 3)


def test_a_project_is_found_by_name_or_made(shelf: Shelf) -> None:
    samples.png(shelf.folder / "one.png")
    shelf.bring("Outputs")
    assert list(shelf.generations()) == ["one.png"]
    shelf.bring("Something new")
    found = shelf.rows(
        "select p.name from projects p join projects o on o.user_id = p.user_id"
        " where o.id = %s order by p.name"
    )
    assert [row["name"] for row in found] == ["Outputs", "Something new"]


def test_a_viewer_who_may_not_write_imports_nothing(shelf: Shelf, studio: Studio) -> None:
    samples.png(shelf.folder / "one.png")
    guest = studio.user()
    shelf.owner.execute(
        "insert into project_members (project_id, user_id, role) values (%s, %s, 'viewer')",
        (shelf.project, guest),
    )
    with pytest.raises(NotWritable):
        shelf.bring("Outputs", user=guest)
    assert shelf.generations() == {}


def test_a_stranger_finds_no_project_by_its_id(shelf: Shelf) -> None:
    samples.png(shelf.folder / "one.png")
    with pytest.raises(NotWritable):
        shelf.bring(user=str(uuid4()))
    assert shelf.generations() == {}


@pytest.mark.skipif(not OUTPUTS, reason="There are no outputs to read.")
def test_every_real_output_becomes_a_generation(shelf: Shelf) -> None:
    shelf.folder.rmdir()
    shelf.folder.symlink_to(FOLDER)
    summary = shelf.bring()
    assert len(shelf.generations()) == len(OUTPUTS)
    assert {path.suffix for path, _ in summary.skipped} == {""}
    assert summary.derived > 5
