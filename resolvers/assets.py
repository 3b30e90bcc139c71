"""Assets: how files are uploaded, and what is made of them."""

import re
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import PurePosixPath
from typing import Any
from uuid import uuid4

from db import assets, projects, writing
from db.assets import Bucket, Status
from db.base import Id
from db.errors import BadInput, Reason, Refused, Unavailable
from db.rows import Row
from db.writing import Errand, Purpose, Writing
from media import files, formats
from media.errors import MediaError, StorageAway
from media.storage import Arrived
from media.tickets import Ticket
from resolvers import checks, media, mutations
from resolvers.context import Context
from resolvers.media import NewFile
from resolvers.mutations import Outcome

KIND = "asset"
WINDOW_SECONDS = 3600
LONGEST_FILENAME = 255

_KINDS = {format.content_type: format for format in formats.ALL}
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True)
class Header:
    """A header that a request must have."""

    name: str
    value: str


@dataclass(frozen=True)
class Sending:
    """How a file is sent."""

    url: str
    method: str
    headers: tuple[Header, ...]
    expires_at: str


async def request(
    session: Writing,
    context: Context,
    project_id: Id,
    filename: str,
    content_type: str,
    size: int,
    sha256: str | None = None,
    bucket: Bucket = Bucket.MEDIA,
    id: Id | None = None,
) -> Outcome:
    """Announce a file, and be told where to send it."""
    own = id or str(uuid4())
    extension = _extension(content_type)
    checks.check_range("size", size, 1, context.signer.upload_limit)
    if sha256 is not None and not _SHA256.fullmatch(sha256):
        raise BadInput("`sha256` is 64 digits from 0 to f, in lower case.", "sha256")
    called = _plain_name(filename)
    await mutations.held_one(session, projects.writable, "project", project_id, "projectId")
    await mutations.refuse_known(session, assets.by_id, KIND, id)
    key = f"{project_id}/{own}.{extension}"
    ticket = Ticket(key, size, content_type, sha256, _expiry())
    await assets.make(
        session,
        id=own,
        project_id=project_id,
        uploader=session.viewer_id,
        bucket=bucket.value,
        key=key,
        filename=called,
        sha256=sha256,
        content_type=content_type,
        size=size,
        upload_expires_at=_moment(ticket.expires),
    )
    return Outcome("UploadRequested", {"asset_id": own, "ticket": asdict(ticket)})


def sending(requested: Outcome, context: Context) -> Sending:
    """How the file is sent: whole, in one request, before the time is over."""
    ticket = Ticket(**requested.ticket)
    headers = (
        Header("Content-Type", ticket.content_type),
        Header("Content-Length", str(ticket.size)),
    )
    url = context.signer.receive(ticket)
    return Sending(url, "PUT", headers, _moment(ticket.expires))


async def complete(
    session: Writing, context: Context, id: Id, expected_version: int | None = None
) -> Outcome:
    """Say that a file has been sent; it is looked at, and fails if another was announced."""
    asset = await mutations.held_one(session, assets.hold, KIND, id)
    if _is_awaited(asset):
        mutations.expect(asset, expected_version, KIND, {})
    asset = await _settled(session, context, asset)
    if asset.status == Status.EXPIRED.value:
        raise _not_there("The upload took too long; request another.", "id")
    return Outcome("UploadCompleted", {"asset_id": id})


async def file_of(session: Writing, context: Context, file: NewFile) -> tuple[dict[str, Any], str]:
    """The columns that tell of a file for something new, and the project that it was sent to."""
    if file.upload_id is None:
        if file.location is None:
            raise BadInput("There must be an `uploadId` or a `location`.", "location")
        return media.taken(file), ""
    asset = await mutations.held_one(session, assets.hold, KIND, file.upload_id, "uploadId")
    for argument, given in (("location", file.location), ("thumbnailUrl", file.thumbnail_url)):
        if given is not None:
            raise BadInput(f"`{argument}` is for files that were not uploaded.", argument)
    if asset.bucket != Bucket.MEDIA.value:
        raise BadInput("It was uploaded for training.", "uploadId")
    asset = await _settled(session, context, asset)
    if asset.status not in (Status.UPLOADED.value, Status.READY.value):
        raise _not_there(asset.error or "The upload took too long.", "uploadId")
    return _columns(file, asset), asset.project_id


def type_of(columns: dict[str, Any], told: str | None) -> str | None:
    """What a generation of this file is, unless something else is told."""
    location = columns["location"]
    if told is not None or not location.startswith("media/"):
        return told
    moves = columns["duration_ms"] is not None or _is_video(location)
    return "video" if moves else "image"


def _columns(file: NewFile, asset: Row) -> dict[str, Any]:
    """What was found out about an upload; until it is, what the client says."""
    found = media.taken(file)
    measured = asset.status == Status.READY.value
    shown = {name: getattr(asset, name) for name in ("width", "height", "duration_ms")}
    return {
        **(shown if measured else {name: found[name] for name in shown}),
        "location": f"media/{asset.key}",
        "thumbnail_url": asset.thumbnail_url,
        "byte_size": asset.size,
        "blurhash": asset.blurhash,
    }


async def _settled(session: Writing, context: Context, asset: Row) -> Row:
    """An asset that is awaited no longer: what was sent is what was announced, or has failed."""
    if not _is_awaited(asset):
        return asset
    arrived = _arrived(context, asset)
    fault = _mismatch(arrived, asset)
    status = Status.FAILED if fault else Status.UPLOADED
    await assets.write(session, [asset.id], status=status.value, error=fault, key=arrived.key)
    return (await assets.hold(session, [asset.id]))[asset.id]


def _is_awaited(asset: Row) -> bool:
    return asset.status in (Status.PENDING.value, Status.UPLOADING.value)


def _arrived(context: Context, asset: Row) -> Arrived:
    """What was sent, once somebody has looked: a store that hangs keeps nobody else waiting."""
    if asset.id not in context.arrived:
        raise Errand(partial(_look, context, asset))
    arrived = context.arrived.pop(asset.id)
    if arrived is None:
        raise _not_there("Nothing has been sent yet, or not all of it.", None)
    return arrived


async def _look(context: Context, asset: Row) -> None:
    new_key = partial(_new_key, context, asset)
    try:
        context.arrived[asset.id] = await context.signer.storage.sealed(asset.key, new_key)
    except StorageAway as error:
        raise Unavailable("The store of files is away; try again later.") from error


async def _new_key(context: Context, asset: Row) -> str | None:
    purpose = Purpose("upload-completed")
    async with writing.transaction(context.session, purpose, keeps_outcome=False) as session:
        return await assets.new_key(session, asset.id)


def _mismatch(arrived: Arrived, asset: Row) -> str | None:
    if arrived.size != asset.size:
        return f"It has {arrived.size:,} bytes where {asset.size:,} were announced."
    try:
        found = formats.sniff(arrived.head)
    except MediaError as error:
        return str(error)
    if found.content_type != asset.content_type:
        return f"It is {found.content_type} where {asset.content_type} was announced."
    return None


def _not_there(message: str, argument: str | None) -> Refused:
    return Refused(Reason.NOT_UPLOADED, message, argument)


def _extension(content_type: str) -> str:
    if content_type not in _KINDS:
        known = ", ".join(_KINDS)
        raise BadInput(f"`contentType` is one of {known}.", "contentType")
    return _KINDS[content_type].extension


def _is_video(location: str) -> bool:
    extension = PurePosixPath(location).suffix.removeprefix(".")
    return any(format.moves for format in formats.ALL if format.extension == extension)


def _plain_name(filename: str) -> str:
    """The name without the folders that some clients send before it."""
    name = files.readable(re.split(r"[/\\]", filename)[-1])
    if not name or len(filename) > LONGEST_FILENAME:
        raise BadInput(f"`filename` has 1 to {LONGEST_FILENAME} characters.", "filename")
    return name


def _expiry() -> int:
    return int(time.time()) + WINDOW_SECONDS


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
