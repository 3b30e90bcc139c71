"""Files that were uploaded, or are about to be."""

import strawberry

from db import assets, projects
from db.assets import Bucket, Status
from engine.declarations import attribute, column, resolved_by
from engine.relations import related_by
from resolvers import assets as changes
from resolvers import media
from schema import refs
from schema.fields import Node, choices, outcome, rows
from schema.media import FILE, THUMB_WIDTH, WIDTH
from schema.mutations import changed_by, expected, new_id, one_by
from schema.scalars import BigInt, DateTime

choices(
    Bucket,
    "What a file is for, which decides who sees it.",
    media="Generations and variants; everybody in the project sees it.",
    training="Training; only whoever uploaded it sees it.",
)
choices(
    Status,
    "How far a file is.",
    called="AssetStatus",
    pending="It is announced, and awaited.",
    uploading="It is on its way.",
    uploaded="It is there; its small picture is being made.",
    ready="It is there, measured, and has its small picture.",
    failed="It is not what was announced, or cannot be read; `error` says why.",
    expired="It did not come in time.",
)


@rows("asset", "A file that was uploaded, or is about to be.")
class Asset(Node):
    id: strawberry.ID = column("Its UUID.")
    project: refs.Project = related_by(
        projects.by_id, key="project_id", description="The project it belongs to."
    )
    bucket: Bucket = column("What it is for.")
    filename: str = column("What it was called where it came from.")
    content_type: str = column("Its kind, such as image/png.")
    size: BigInt = column("The size of the file in bytes.")
    sha256: str | None = column("The SHA-256 that was announced, in hexadecimal digits.")
    status: Status = column("How far it is.")
    error: str | None = column("Why it failed.")
    upload_expires_at: DateTime = column("Until when it is awaited.")
    url: str | None = resolved_by(media.url, reads=FILE, arguments=WIDTH)
    url_identity: str | None = resolved_by(media.url_identity, reads=FILE, arguments=WIDTH)
    thumb_url: str | None = resolved_by(
        media.thumb_url, reads=("thumbnail_url",), arguments=THUMB_WIDTH
    )
    width: int | None = column("In pixels.")
    height: int | None = column("In pixels.")
    duration: float | None = resolved_by(media.duration, reads=("duration_ms",))
    blurhash: str | None = column("A few characters that draw a blurred preview (blurha.sh).")
    version: int = column("Goes up by one whenever it gets further.")
    created_at: DateTime = column("When it was announced.")
    updated_at: DateTime = column("When it last got further.")


@strawberry.type(name="UploadHeader", description="A header that a request must have.")
class UploadHeader:
    name: str = attribute("Its name.")
    value: str = attribute("Its value.")


@strawberry.type(name="Upload", description="How a file is sent: whole, in one request.")
class Upload:
    url: str = attribute("Where it is sent; the signature in it binds key, size and kind.")
    method: str = attribute("The method of the request.")
    headers: list[UploadHeader] = attribute("The headers that the request must have.")
    expires_at: DateTime = attribute("Until when it may be sent.")


@outcome("A file was announced, and may be sent.")
class UploadRequested:
    asset: refs.Asset | None = one_by(assets.by_id, "asset_id")
    upload: Upload = resolved_by(changes.sending)


@outcome("A file was looked at; its status says whether it is what was announced.")
class UploadCompleted:
    asset: refs.Asset | None = one_by(assets.by_id, "asset_id")


@strawberry.type
class AssetMutations:
    request_upload = changed_by(
        changes.request,
        "RequestUpload",
        UploadRequested,
        {
            "project_id": "The UUID of the project it is for.",
            "filename": "What it is called, at most 255 characters; folders are left out.",
            "content_type": "Its kind, such as image/png; pictures and videos are taken.",
            "size": "Its size in bytes.",
            "sha256": "Its SHA-256 in hexadecimal digits, to be sure that it arrives unharmed.",
            "bucket": "What it is for.",
            "id": new_id("asset"),
        },
        "upload-requested",
        (),
    )
    complete_upload = changed_by(
        changes.complete,
        "CompleteUpload",
        UploadCompleted,
        {
            "id": "The UUID of the asset.",
            "expected_version": f"{expected('asset')} What is completed already stays as it is.",
        },
        "upload-completed",
        (),
    )
