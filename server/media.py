"""Media kept on this machine, for whoever holds a URL that the gateway signed."""

import hashlib
import mimetypes
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from server.errors import Refused

Verify = Callable[[str, str], bool]

_SINGLE_RANGE = re.compile(r"bytes=(\d{1,18}-\d{0,18}|-\d{1,18})")
_KINDS = {".webp": "image/webp", ".avif": "image/avif", ".webm": "video/webm", ".mp4": "video/mp4"}
_HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def route(root: Path, verify: Verify, prefix: str = "/media") -> Route:
    """Files below `root`; `verify` is given the path with its prefix, and the query as sent."""

    async def respond(request: Request) -> Response:
        path = request.scope["path"]
        if not verify(path, request.scope["query_string"].decode("latin-1")):
            return forbidden()
        there = await to_thread.run_sync(found, root, path.removeprefix(f"{prefix}/"))
        return answer(request, *there) if there else gone()

    return Route(f"{prefix}/{{path:path}}", respond, methods=["GET"])


def forbidden() -> Response:
    """The answer to a link that is not ours, or has expired."""
    return Refused(403, "FORBIDDEN", "This link is not valid, or not any more.").response()


def gone() -> Response:
    """The answer where there is no such file, or none that can be shown."""
    return Refused(404, "NOT_FOUND", "This file is gone.").response()


def found(root: Path, name: str) -> tuple[Path, os.stat_result] | None:
    """A plain file that really is below the root, whatever links or dots its name has."""
    try:
        base = root.resolve()
        path = (base / name).resolve(strict=True)
        status = path.stat()
    except (OSError, ValueError, RuntimeError):
        return None
    inside = path.is_relative_to(base) and stat.S_ISREG(status.st_mode)
    return (path, status) if inside else None


def answer(request: Request, path: Path, status: os.stat_result) -> Response:
    """A file, or the part of it that is asked for, or that the browser has it already."""
    tag = _tag(status)
    headers = {**_HEADERS, "ETag": tag}
    if _is_known(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    _drop_unusable_range(request)
    return FileResponse(path, headers=headers, media_type=_kind(path), stat_result=status)


def _tag(status: os.stat_result) -> str:
    place = f"{status.st_ino}-{status.st_mtime_ns}-{status.st_size}"
    return f'"{hashlib.sha256(place.encode()).hexdigest()[:32]}"'


def _is_known(wanted: str, tag: str) -> bool:
    tags = (part.strip().removeprefix("W/") for part in wanted.split(","))
    return wanted.strip() == "*" or tag in tags


def _drop_unusable_range(request: Request) -> None:
    """Anything but one plain range is answered with the whole file, as HTTP allows."""
    asked = request.headers.get("range")
    if asked is not None and not _is_single(asked):
        kept = [pair for pair in request.scope["headers"] if pair[0] != b"range"]
        request.scope["headers"] = kept


def _is_single(asked: str) -> bool:
    found = _SINGLE_RANGE.fullmatch(asked.strip().lower().replace(" ", ""))
    if not found:
        return False
    first, _, last = found[1].partition("-")
    return not (first and last) or int(first) <= int(last)


def _kind(path: Path) -> str:
    """Only pictures, videos and sounds have their own type: a browser runs none of them."""
    kind = _KINDS.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0] or ""
    plays = kind.startswith(("image/", "video/", "audio/")) and kind != "image/svg+xml"
    return kind if plays else "application/octet-stream"
