"""The first frame of a video file, how long it is, and the texts its container carries."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import av
from av.container import InputContainer
from av.video.stream import VideoStream
from PIL import Image

from media.errors import HostileFile, UnreadableFile, UnsupportedFile
from media.formats import Format
from media.pictures import Frame, refuse_bomb

_MOST_PACKETS = 1_000
_MICROSECONDS = 1_000


def first_frame(file: BinaryIO, format: Format) -> Frame:
    """The first picture that the video shows."""
    with _container(file, format) as container:
        stream = _stream(container)
        refuse_bomb(stream.codec_context.width, stream.codec_context.height)
        image = _first_image(container, stream)
        return Frame(image, image.width, image.height, _duration(container, stream))


def texts(file: BinaryIO, format: Format) -> dict[str, str]:
    """The container's own notes, by lower-case name."""
    with _container(file, format) as container:
        return {name.lower(): text for name, text in container.metadata.items()}


@contextmanager
def _container(file: BinaryIO, format: Format) -> Iterator[InputContainer]:
    # Given an open file and its format, FFmpeg opens no other file and no address.
    try:
        with av.open(file, "r", format=format.reader, metadata_errors="replace") as container:
            yield container
    except av.FFmpegError as error:
        raise UnreadableFile("The video is broken, or ends too early.") from error
    except MemoryError as error:
        raise HostileFile("The video does not fit into memory.") from error


def _stream(container: InputContainer) -> VideoStream:
    if not container.streams.video:
        raise UnsupportedFile("The file has no picture, only sound or data.")
    stream = container.streams.video[0]
    # FFmpeg gives no context for a codec it does not know, whatever the annotation says.
    if getattr(stream, "codec_context", None) is None:
        raise UnsupportedFile("The video is in a coding that is not known here.")
    return stream


def _first_image(container: InputContainer, stream: VideoStream) -> Image.Image:
    stream.thread_count = 1
    for _, packet in zip(range(_MOST_PACKETS), container.demux(stream), strict=False):
        for frame in packet.decode():
            refuse_bomb(frame.width, frame.height)
            image: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
            return image.rotate(frame.rotation, expand=True) if frame.rotation else image
    raise UnreadableFile("The video has no frame that can be shown.")


def _duration(container: InputContainer, stream: VideoStream) -> int | None:
    if container.duration is not None:
        return max(0, container.duration // _MICROSECONDS)
    if stream.duration is None or stream.time_base is None:
        return None
    return max(0, int(1000 * stream.duration * stream.time_base))
