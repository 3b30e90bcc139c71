"""Broken and hostile files never stop an import, nor does the end of its process."""

import os
import signal
import time
from pathlib import Path

import psycopg
import pytest

from media.errors import MediaError
from server.readers import Readers
from tests import gateways, importing, nursery, samples
from tests.importing import Shelf
from tests.nursery import Command

FILES = 160


@pytest.fixture
def shelf(owner: psycopg.Connection, gateway_url: str, tmp_path: Path) -> Shelf:
    return importing.fresh(owner, gateway_url, tmp_path)


def test_a_folder_of_traps_is_read_to_its_end(shelf: Shelf) -> None:
    folder = shelf.folder
    samples.cut(samples.png(folder / "1 truncated.png"))
    samples.png_bomb(folder / "2 bomb.png")
    samples.webp_bomb(folder / "3 bomb.webp")
    (folder / "4 link.png").symlink_to("/etc/passwd")
    (folder / "5 nowhere.png").symlink_to("nowhere.png")
    os.mkfifo(folder / "6 pipe.png")
    (folder / "7 empty.png").touch()
    (folder / "8 words.txt").write_text("no picture")
    (folder / "9 folder.png").mkdir()
    samples.cut(samples.video(folder / "video.mp4"), 0.2)
    samples.png(folder / "last.png")

    summary = shelf.bring()

    assert list(shelf.generations()) == ["last.png"]
    assert importing.left_out(summary).keys() == {
        *("1 truncated.png", "2 bomb.png", "3 bomb.webp", "4 link.png", "5 nowhere.png"),
        *("6 pipe.png", "7 empty.png", "8 words.txt", "video.mp4"),
    }
    assert all(why.endswith(".") for why in importing.left_out(summary).values())


def test_a_text_of_100_megabytes_costs_the_recipe_only(shelf: Shelf) -> None:
    file = samples.png(shelf.folder / "long.png")
    samples.with_chunk(file, b"tEXt", b"prompt\0" + b"x" * 100_000_000)
    summary = shelf.bring()
    assert shelf.generations()["long.png"]["prompt"] is None
    assert [path.name for path, _ in summary.remarks] == ["long.png"]


def test_names_that_are_no_text_are_shown_on_one_line(shelf: Shelf) -> None:
    samples.png(shelf.folder / "two\nlines.png")
    bad = os.fsdecode(b"caf\xe9.png")
    samples.png(shelf.folder / "plain.png", samples.drawing(colour="red")).rename(
        shelf.folder / bad
    )
    shelf.bring()
    assert list(shelf.generations()) == ["caf\ufffd.png", "two lines.png"]


def test_a_file_that_ends_its_reader_is_left_out_and_the_others_are_read() -> None:
    with Readers(2) as readers:
        found = list(readers.read(read, ["a", "b", "end", "c", "d", "fail", "e"]))
    assert [str(result) for result in found if isinstance(result, MediaError)] == [
        "Reading it takes for ever, or ends the reader.",
        "It cannot be read (ZeroDivisionError).",
    ]
    assert [result for result in found if isinstance(result, str)] == ["A", "B", "C", "D", "E"]


def test_an_import_that_was_killed_is_finished_by_the_next(
    shelf: Shelf, owner: psycopg.Connection, gateway_url: str, tmp_path: Path
) -> None:
    fill(shelf.folder)
    settings = gateways.settings(gateway_url, tmp_path / "data")
    first = Command(settings, *words(shelf))
    while first.poll() is None and not shelf.generations():
        time.sleep(0.01)
    first.send_signal(signal.SIGKILL)
    first.wait()
    begun = len(shelf.generations())
    assert 0 < begun < FILES

    assert nursery.run(settings, *words(shelf)).returncode == 0

    (tmp_path / "at once").mkdir()
    at_once = importing.fresh(owner, gateway_url, tmp_path / "at once")
    at_once.folder.rmdir()
    at_once.folder.symlink_to(shelf.folder)
    at_once.bring()
    assert told(shelf) == told(at_once)


def test_the_command_fails_when_nothing_could_be_read(
    shelf: Shelf, gateway_url: str, tmp_path: Path
) -> None:
    (shelf.folder / "words.txt").write_text("no picture")
    result = nursery.run(gateways.settings(gateway_url, tmp_path / "data"), *words(shelf))
    assert result.returncode == 1
    assert "words.txt" in result.stdout


def words(shelf: Shelf) -> tuple[str, ...]:
    """The command that imports a folder."""
    return ("import", str(shelf.folder), "--project", "Outputs", "--user", shelf.user)


def read(word: str) -> str:
    """What a reader does here."""
    if word == "end":
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "fail":
        raise ZeroDivisionError
    return word.upper()


def fill(folder: Path) -> None:
    """Three shots of many pictures, each loading the one before it."""
    for number in range(FILES):
        place = folder / f"shot {number % 3}"
        place.mkdir(exist_ok=True)
        loading = samples.comfy(
            image=samples.node("LoadImage", image=f"{number - 1}.png"),
            sampler=samples.sampler(latent_image=["image", 0], seed=number),
        )
        samples.comfy_png(place / f"{number}.png", loading)


def told(shelf: Shelf) -> object:
    """Everything that an import writes, without the ids."""
    rows = shelf.generations()
    names = {row["id"]: name for name, row in rows.items()}
    fields = ("created_at", "prompt", "params", "width", "blurhash", "byte_size")
    facts = {
        name: (*(row[field] for field in fields), names.get(row["based_on"]))
        for name, row in rows.items()
    }
    return facts, shelf.places(), shelf.shots()
