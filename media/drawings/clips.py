"""Drawn videos: a journey through pictures, each flowing into the next."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import chain, pairwise

import av
from PIL import Image

from media.drawings import pictures
from media.drawings.pictures import Picture

FRAMES_PER_SECOND = 16

_ZOOM = 0.09


@dataclass(frozen=True)
class Clip:
    """A video that travels through pictures, `frames` frames from each to the next."""

    pictures: tuple[Picture, ...]
    frames: int = 25


def encoded(clip: Clip) -> tuple[bytes, Image.Image, int]:
    """The video as an MP4, its first frame, and its length in milliseconds."""
    stills = [pictures.drawn(picture) for picture in clip.pictures]
    journeys = (_between(one, other, clip.frames) for one, other in pairwise(stills))
    with BytesIO() as buffer:
        _write(buffer, stills[0].size, chain.from_iterable(journeys))
        count = clip.frames * (len(stills) - 1)
        return buffer.getvalue(), stills[0], round(1000 * count / FRAMES_PER_SECOND)


def _write(buffer: BytesIO, size: tuple[int, int], frames: Iterator[Image.Image]) -> None:
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FRAMES_PER_SECOND)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.thread_count = 1
        stream.options = {"preset": "ultrafast", "crf": "27", "tune": "fastdecode"}
        for frame in frames:
            picture = av.VideoFrame.from_image(frame)  # type: ignore[no-untyped-call]
            container.mux(stream.encode(picture))
        container.mux(stream.encode())


def _between(one: Image.Image, other: Image.Image, frames: int) -> Iterator[Image.Image]:
    """The camera moves on while one picture becomes the other."""
    for frame in range(frames):
        way = frame / max(1, frames - 1)
        share = way * way * (3 - 2 * way)
        yield Image.blend(_zoomed(one, share), _zoomed(other, share - 1), share)


def _zoomed(image: Image.Image, way: float) -> Image.Image:
    """Nearer while it is left behind, nearer still while it comes."""
    wide, high = image.size
    margin = _ZOOM * abs(way) / 2
    box = (wide * margin, high * margin, wide * (1 - margin), high * (1 - margin))
    return image.resize(image.size, Image.Resampling.BILINEAR, box=box)
