"""Media are kept once per project, never outside their folder, and whole or not at all."""

import hashlib
from pathlib import Path
from uuid import uuid4

import pytest

from media.errors import MediaError, UnsupportedFile
from media.store import LocalStore
from tests import samples

PROJECT = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"


def test_a_file_is_kept_under_its_fingerprint(tmp_path: Path) -> None:
    path = samples.png(tmp_path / "boat.png")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    location = LocalStore(tmp_path / "kept").put(PROJECT, path)
    assert location == f"media/{PROJECT}/{sha256[:2]}/{sha256}.png"


def test_what_was_put_is_what_is_opened(tmp_path: Path) -> None:
    store, content = LocalStore(tmp_path / "kept"), samples.png(tmp_path / "boat.png").read_bytes()
    location = store.put(PROJECT, content)
    with store.open(location) as stored:
        assert stored.file.read() == content
        assert stored.size == len(content)
        assert stored.content_type == "image/png"
        assert stored.etag == f'"{hashlib.sha256(content).hexdigest()}"'
        assert stored.modified.tzinfo is not None


def test_the_same_content_is_kept_once_in_each_project(tmp_path: Path) -> None:
    store, path = LocalStore(tmp_path / "kept"), samples.png(tmp_path / "boat.png")
    locations = {store.put(project, path) for project in (PROJECT, PROJECT, str(uuid4()))}
    assert len(locations) == 2
    assert len([path for path in store.folder.rglob("*") if path.is_file()]) == 2


def test_content_decides_the_extension(tmp_path: Path) -> None:
    store, path = LocalStore(tmp_path / "kept"), samples.comfy_webp(tmp_path / "evil.html")
    assert store.put(PROJECT, path).endswith(".webp")


def test_what_is_no_media_is_not_kept(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "kept")
    with pytest.raises(UnsupportedFile):
        store.put(PROJECT, b"<script>alert(1)</script>")
    assert not [path for path in store.folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("project", ["..", "", "/tmp", f"{PROJECT}/..", "a\0b"])
def test_a_project_is_a_uuid(tmp_path: Path, project: str) -> None:
    with pytest.raises(ValueError, match="UUID"):
        LocalStore(tmp_path / "kept").put(project, samples.png(tmp_path / "boat.png"))


def test_nothing_outside_the_folder_is_opened(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "kept")
    location = store.put(PROJECT, samples.png(tmp_path / "boat.png"))
    strange = ("../boat.png", f"/{location}", f"{location}\n", location.replace("/", "//"), "")
    for name in (*strange, f"media/{PROJECT}/../../../boat.png", location.upper()):
        with pytest.raises(MediaError), store.open(name):
            pass


def test_a_link_in_the_store_leads_nowhere_else(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "kept")
    location = store.put(PROJECT, samples.png(tmp_path / "boat.png"))
    kept = store.folder / location.removeprefix("media/")
    kept.unlink()
    kept.symlink_to(tmp_path / "boat.png")
    with pytest.raises(MediaError, match="out of the folder"), store.open(location):
        pass


def test_a_file_that_is_gone_is_an_error_in_plain_words(tmp_path: Path) -> None:
    location = f"media/{PROJECT}/ab/{'ab' * 32}.png"
    with pytest.raises(MediaError, match="gone"), LocalStore(tmp_path).open(location):
        pass
