"""Files of a folder are found in order, held inside it, and named in plain text."""

import os
from pathlib import Path

import pytest

from media import files
from media.errors import HostileFile, UnreadableFile
from tests import samples


def test_a_folder_is_walked_in_name_order_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b/2.png", "b/1.png", "a/x/deep.png", "top.png", ".hidden", ".cache/y.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [str(path.relative_to(tmp_path)) for path in files.walk(tmp_path)]
    assert found == ["top.png", "a/x/deep.png", "b/1.png", "b/2.png"]


def test_a_link_to_a_folder_is_shown_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    assert list(files.walk(tmp_path)) == [tmp_path / "loop"]


def test_a_link_inside_the_folder_is_accepted(tmp_path: Path) -> None:
    samples.png(tmp_path / "picture.png")
    (tmp_path / "link.png").symlink_to("picture.png")
    assert files.within(tmp_path, tmp_path / "link.png") == tmp_path / "link.png"


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").touch()
    (tmp_path / "studio").mkdir()
    (tmp_path / "studio" / "link.png").symlink_to(tmp_path / "secret")
    with pytest.raises(HostileFile, match="out of the folder"):
        files.within(tmp_path / "studio", tmp_path / "studio" / "link.png")


@pytest.mark.parametrize("target", ["nowhere.png", "link.png"])
def test_a_link_that_leads_nowhere_or_to_itself_is_unreadable(tmp_path: Path, target: str) -> None:
    (tmp_path / "link.png").symlink_to(target)
    with pytest.raises(UnreadableFile):
        files.within(tmp_path, tmp_path / "link.png")


def test_a_pipe_is_refused_without_waiting_for_its_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(HostileFile, match="plain file"), files.opened(tmp_path / "pipe.png"):
        pass


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("two\nlines\t.png", "two lines .png"),
        (os.fsdecode(b"caf\xe9.png"), "caf\ufffd.png"),
        ("escape\x1b[31m.png", "escape [31m.png"),
        ("雪.png", "雪.png"),
    ],
)
def test_any_name_can_be_shown_on_one_line(name: str, shown: str) -> None:
    assert files.readable(name) == shown
