"""What every picture or video tells of itself."""

import strawberry

from engine.declarations import column, registry, resolved_by
from resolvers import media
from resolvers.media import NewFile
from schema.fields import Node, unread
from schema.scalars import JSON, BigInt, DateTime

FILE = ("location", "duration_ms")
WIDTH = {
    "width": "How wide it is shown, in pixels: a picture of ours comes as a WebP of 160, 320, 640"
    " or 1280 pixels, the narrowest that is enough, and as it is beyond."
}
THUMB_WIDTH = {"width": "How wide it is shown, in pixels: 160, 320 or the small picture itself."}

registry.spread(
    NewFile,
    {
        "upload_id": "The UUID of a file that was uploaded to the same project; or `location`.",
        "location": "Where the file lies on the web, if it was not uploaded: https://…",
        "thumbnail_url": "Where a small picture of it lies on the web.",
        "width": "In pixels; an upload is measured.",
        "height": "In pixels; an upload is measured.",
        "duration": "How long it plays, in seconds; an upload is measured.",
    },
)


@strawberry.interface(description="A picture or a video: where it is, how large, how long.")
class Media(Node):
    name: str | None = column("What people call it.")
    location: str | None = column("Where the file is, as stored.")
    thumbnail_url: str | None = column("Where its small picture is, as stored.")
    url: str | None = resolved_by(media.url, reads=FILE, arguments=WIDTH)
    url_identity: str | None = resolved_by(media.url_identity, reads=FILE, arguments=WIDTH)
    thumb_url: str | None = resolved_by(
        media.thumb_url, reads=("thumbnail_url",), arguments=THUMB_WIDTH
    )
    thumb_url_identity: str | None = resolved_by(
        media.thumb_url_identity, reads=("thumbnail_url",), arguments=THUMB_WIDTH
    )
    width: int | None = column("In pixels.")
    height: int | None = column("In pixels.")
    duration: float | None = resolved_by(media.duration, reads=("duration_ms",))
    byte_size: BigInt | None = column("The size of the file in bytes.")
    blurhash: str | None = column("A few characters that draw a blurred preview (blurha.sh).")
    params: JSON | None = unread("params", "What the tool was told, as stored.")
    starred: bool = column("Whether people marked it as a favourite.")
    version: int = column("Goes up by one whenever people change it.")
    created_at: DateTime = column("When it was made.")
    updated_at: DateTime = column("When people last changed it.")
