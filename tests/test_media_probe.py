"""Files are measured by their content; what is broken or hostile is refused in plain words."""

import hashlib
import os
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import blurhash  # type: ignore[import-untyped]
import pytest
from PIL import Image, PngImagePlugin

from media.errors import HostileFile, MediaError, UnreadableFile, UnsupportedFile
from media.probe import Probe, probe
from media.thumbnails import thumbnail
from tests import samples


def test_a_picture_is_measured(tmp_path: Path) -> None:
    path = samples.png(tmp_path / "boat.png")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    found = probe(path)
    assert (found.kind, found.content_type) == ("image", "image/png")
    assert (found.width, found.height, found.duration_ms) == (96, 64, None)
    assert found.byte_size == path.stat().st_size
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.taken == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_content_decides_and_not_the_name(tmp_path: Path) -> None:
    samples.parameters_photo(tmp_path / "photo.jpg").rename(tmp_path / "photo.png")
    assert probe(tmp_path / "photo.png").content_type == "image/jpeg"


def test_moving_pictures_are_videos_with_a_length(tmp_path: Path) -> None:
    found = [
        probe(samples.comfy_webp(tmp_path / "a.webp", frames=4)),
        probe(samples.animated_png(tmp_path / "a.png", samples.comfy())),
        probe(samples.animated_gif(tmp_path / "a.gif")),
    ]
    assert [measured(one) for one in found] == [
        ("video", "image/webp", 96, 64, 500),
        ("video", "image/png", 96, 64, 200),
        ("video", "image/gif", 96, 64, 240),
    ]


def test_a_webp_of_one_frame_is_an_image(tmp_path: Path) -> None:
    assert measured(probe(samples.comfy_webp(tmp_path / "still.webp")))[0] == "image"


@pytest.mark.parametrize(
    ("name", "content_type"), [("a.mp4", "video/mp4"), ("a.webm", "video/webm")]
)
def test_a_video_is_measured(tmp_path: Path, name: str, content_type: str) -> None:
    found = probe(samples.video(tmp_path / name))
    assert measured(found) == ("video", content_type, 96, 64, 2000)


def test_the_blur_has_the_colours_of_the_picture(tmp_path: Path) -> None:
    red = probe(samples.png(tmp_path / "red.png", Image.new("RGB", (80, 60), "red")))
    assert blurhash.decode(red.blurhash, 1, 1) == [[[255, 0, 0]]]


def test_a_thumbnail_is_a_webp_of_at_most_512_pixels(tmp_path: Path) -> None:
    found = probe(samples.png(tmp_path / "wide.png", samples.drawing(2000, 500)))
    assert opened(found.thumbnail).format == "WEBP"
    assert opened(found.thumbnail).size == (512, 128)


def test_a_small_picture_is_not_enlarged(tmp_path: Path) -> None:
    assert opened(probe(samples.png(tmp_path / "small.png")).thumbnail).size == (96, 64)


def test_a_thumbnail_alone_is_the_one_that_was_probed(tmp_path: Path) -> None:
    path = samples.png(tmp_path / "boat.png")
    assert thumbnail(path, "image") == probe(path).thumbnail


def test_the_thumbnail_of_a_video_is_its_first_frame(tmp_path: Path) -> None:
    path = samples.video(tmp_path / "a.mp4")
    red, green, blue = pixel(thumbnail(path, "video"), (80, 50))
    assert red > 200
    assert blue < 60
    assert 120 < green < 200


def test_a_picture_stands_upright_as_its_exif_says(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    samples.drawing().save(tmp_path / "turned.jpg", exif=exif)
    found = probe(tmp_path / "turned.jpg")
    assert (found.width, found.height) == (64, 96)
    assert sum(pixel(found.thumbnail, (48, 16))) < 60


def test_what_shines_through_stays_so_in_the_thumbnail(tmp_path: Path) -> None:
    found = probe(samples.png(tmp_path / "clear.png", Image.new("RGBA", (20, 20), (0, 0, 0, 0))))
    assert opened(found.thumbnail).mode == "RGBA"
    assert blurhash.decode(found.blurhash, 1, 1) == [[[255, 255, 255]]]


def test_a_depth_map_of_16_bits_keeps_its_greys(tmp_path: Path) -> None:
    found = probe(samples.png(tmp_path / "depth.png", Image.new("I;16", (40, 40), 0x8000)))
    assert abs(pixel(found.thumbnail, (20, 20))[0] - 0x80) < 3


def test_a_text_of_100_megabytes_does_not_stop_a_picture(tmp_path: Path) -> None:
    path = samples.png(tmp_path / "long.png")
    samples.with_chunk(path, b"tEXt", b"prompt\0" + b" " * 100_000_000)
    assert probe(path).width == 96


def test_a_broken_exif_does_not_stop_a_picture(tmp_path: Path) -> None:
    samples.drawing().save(tmp_path / "odd.jpg", exif=b"Exif\0\0rubbish")
    assert probe(tmp_path / "odd.jpg").width == 96


@pytest.mark.parametrize("seconds", [-5_000_000_000, 400_000_000_000])
def test_a_file_time_beyond_all_calendars_is_bounded(tmp_path: Path, seconds: int) -> None:
    path = samples.png(tmp_path / "odd.png")
    os.utime(path, (seconds, seconds))
    assert 1970 <= probe(path).taken.year <= 9999


@pytest.mark.parametrize("draw", [samples.png_bomb, samples.webp_bomb])
def test_a_decompression_bomb_is_refused(tmp_path: Path, draw: type) -> None:
    with pytest.raises(HostileFile, match="more than 100 million pixels"):
        probe(draw(tmp_path / "bomb"))


def test_a_large_picture_within_the_limit_is_not_a_bomb(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        probe(samples.png_bomb(tmp_path / "almost.png", 9_999, 10_000))


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.jpg", "a.gif", "a.mp4"])
def test_a_file_that_ends_early_is_unreadable(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableFile, match="ends too early"):
        probe(samples.cut(whole(tmp_path / name)))


def test_an_empty_file_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    with pytest.raises(UnreadableFile, match=r"The file is empty\."):
        probe(tmp_path / "empty.png")


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no such file"):
        probe(tmp_path / "gone.png")


def test_a_folder_is_not_read_as_a_file(tmp_path: Path) -> None:
    with pytest.raises(HostileFile, match="not a plain file"):
        probe(tmp_path)


def test_other_kinds_of_files_are_unsupported(tmp_path: Path) -> None:
    (tmp_path / "page.png").write_text("<svg onload='alert(1)'>")
    with pytest.raises(UnsupportedFile, match="not a PNG"):
        probe(tmp_path / "page.png")


def test_a_playlist_dressed_as_a_video_opens_no_other_file(tmp_path: Path) -> None:
    secret = samples.video(tmp_path / "secret.mp4")
    (tmp_path / "list.mp4").write_text(f"ffconcat version 1.0\nfile '{secret}'\n")
    with pytest.raises(UnsupportedFile):
        probe(tmp_path / "list.mp4")


def test_a_name_that_is_not_text_can_be_probed(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9\n.png")
    assert probe(samples.png(path)).width == 96
    assert probe(samples.video(tmp_path / "a.mp4").rename(path)).kind == "video"


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.jpg", "a.gif", "a.mp4", "a.webm"])
def test_damage_anywhere_gives_a_media_error_or_a_probe(tmp_path: Path, name: str) -> None:
    path = whole(tmp_path / name)
    content = path.read_bytes()
    for at in range(0, len(content), max(1, len(content) // 60)):
        path.write_bytes(content[:at] + b"\xff\x00\xff" + content[at + 3 :])
        with suppress(MediaError):
            assert probe(path).byte_size == len(content)


def test_a_crowd_of_tiny_chunks_is_refused(tmp_path: Path) -> None:
    path = samples.png(tmp_path / "crowd.png")
    content = path.read_bytes()
    path.write_bytes(content[:33] + samples.chunk(b"teXt", b"") * 1_000_001 + content[33:])
    with pytest.raises(HostileFile, match="pieces"):
        probe(path)


def test_a_text_that_unpacks_to_a_gigabyte_does_not_stop_a_picture(tmp_path: Path) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("other", "0" * 50_000_000, zip=True)
    samples.drawing().save(tmp_path / "zip.png", pnginfo=notes)
    assert probe(tmp_path / "zip.png").width == 96


def whole(path: Path) -> Path:
    """A sound file of the kind that its name says."""
    if path.suffix in (".mp4", ".webm"):
        return samples.video(path)
    samples.drawing(300, 200).effect_spread(40).save(path)
    return path


def measured(found: Probe) -> tuple[str, str, int, int, int | None]:
    return found.kind, found.content_type, found.width, found.height, found.duration_ms


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def pixel(content: bytes, place: tuple[int, int]) -> tuple[int, int, int]:
    found = opened(content).convert("RGB").getpixel(place)
    assert isinstance(found, tuple)
    return int(found[0]), int(found[1]), int(found[2])
