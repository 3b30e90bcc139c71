"""Sizes: pictures in the widths that browsers ask for, each made once and kept on this disk."""

from collections.abc import Callable
from pathlib import Path

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from media import sizes, thumbnails
from media.errors import MediaError
from media.storage import Disk, Storage
from server import media
from server.media import Verify


class Sizes:
    """A folder of narrowed pictures, made out of what is kept; `keeper_of` says where a key is."""

    def __init__(self, folder: Path, keeper_of: Callable[[str], Storage]) -> None:
        self._folder = folder
        self._kept = Disk(folder)
        self._keeper_of = keeper_of
        # A large picture takes half a gigabyte while it is narrowed: one after the other.
        self._turn = CapacityLimiter(1)

    def route(self, verify: Verify) -> Route:
        """`/sized/<width>/<key>`, for whoever holds a URL that the gateway signed."""

        async def answer(request: Request) -> Response:
            path = request.scope["path"]
            if not verify(path, request.scope["query_string"].decode("latin-1")):
                return media.forbidden()
            width, key = int(request.path_params["width"]), request.path_params["key"]
            kept = sizes.kept_as(key, width)
            found = await to_thread.run_sync(media.found, self._folder, kept)
            if found is None:
                await to_thread.run_sync(self._make, key, width, limiter=self._turn)
                found = await to_thread.run_sync(media.found, self._folder, kept)
            return media.answer(request, *found) if found else media.gone()

        return Route(f"/{sizes.PREFIX}{{width:int}}/{{key:path}}", answer, methods=["GET"])

    def _make(self, key: str, width: int) -> None:
        """Narrow a picture, unless somebody has meanwhile; one that cannot be read stays away."""
        kept = sizes.kept_as(key, width)
        if self._kept.look(kept):
            return
        try:
            with self._keeper_of(key).opened(key) as source:
                content = thumbnails.narrowed(source, width)
        except MediaError:
            return
        self._kept.keep(kept, content)
