"""Drawing a studio's files, several at a time, into the media of this machine."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from media.drawings import files
from media.drawings.clips import Clip
from media.drawings.pictures import Picture
from media.errors import MediaError
from media.store import LocalStore
from server.demo.studio import Studio
from server.readers import Readers

Watch = Callable[[str, int, int], None]
Errand = tuple[str, Picture | Clip]


def draw(studio: Studio, store: Path, readers: Readers, watch: Watch) -> None:
    """Draw every file that is wanted, and write what is known of it into the rows."""
    errands: Iterator[Errand] = ((want.project_id, want.drawing) for want in studio.wanted)
    drawn = readers.read(partial(keep, store), errands)
    for count, (want, found) in enumerate(zip(studio.wanted, drawn, strict=True), 1):
        if isinstance(found, MediaError):
            raise found
        for row in want.rows:
            row.update(found)
        watch("Drawing", count, len(studio.wanted))


def keep(store: Path, errand: Errand) -> dict[str, Any]:
    """Draws one file and keeps it with its thumbnail; returns its columns."""
    project_id, wanted = errand
    drawing, kept = files.draw(wanted), LocalStore(store)
    return {
        "location": kept.put(project_id, drawing.content),
        "thumbnail_url": kept.put(project_id, drawing.thumbnail),
        "width": drawing.width,
        "height": drawing.height,
        "duration_ms": drawing.duration_ms,
        "byte_size": len(drawing.content),
        "blurhash": drawing.blurhash,
    }
