"""Reserved streams: one event stream that tells of all operations that its client sends beside it.

PUT reserves a stream, GET listens to it, POST begins an operation on it, DELETE ends one.
"""

import asyncio
import secrets

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from server import bodies
from server.auth import Authenticator, Viewer
from server.bodies import Asked
from server.errors import Refused
from server.router import Streaming
from server.streams import EventStream, EventStreams

PATH = "/graphql/stream"
TOKEN = "x-graphql-event-stream-token"  # noqa: S105 - the name of a header

# How long a stream waits for its client to listen.
_PATIENCE_SECONDS = 30.0


class Reserved:
    """The streams that clients of this process have reserved, by their tokens."""

    def __init__(self, authenticator: Authenticator, opened: EventStreams) -> None:
        self._authenticator = authenticator
        self._opened = opened
        self._streams: dict[str, EventStream] = {}
        self._waiting: dict[str, asyncio.TimerHandle] = {}

    def route(self) -> Route:
        """Where they are reserved, listened to and told what to tell."""
        return Route(PATH, self._answer, methods=["PUT", "GET", "POST", "DELETE"])

    async def _answer(self, request: Request) -> Response:
        try:
            viewer = await self._authenticator.viewer(request.headers)
            if request.method == "PUT":
                return self._reserve(viewer)
            token, stream = self._found(request, viewer)
            if request.method == "GET":
                return self._listen(token, stream)
            if request.method == "POST":
                return await self._begin(request, viewer)
            stream.operations.stop(request.query_params.get("operationId", ""))
            return Response()
        except Refused as refused:
            return refused.response()

    def _reserve(self, viewer: Viewer) -> Response:
        token = secrets.token_urlsafe(24)
        stream = self._opened.shared(viewer)
        self._streams[token] = stream
        later = asyncio.get_running_loop().call_later
        self._waiting[token] = later(_PATIENCE_SECONDS, self._forget, token)
        stream.whenever_closed(lambda: self._forget(token))
        return PlainTextResponse(token, 201)

    def _found(self, request: Request, viewer: Viewer) -> tuple[str, EventStream]:
        """The stream that a request names; another's is as good as none."""
        token = request.headers.get(TOKEN) or request.query_params.get("token", "")
        stream = self._streams.get(token)
        if stream is None or stream.viewer.id != viewer.id:
            raise Refused(404, "NOT_FOUND", "There is no such stream.")
        return token, stream

    def _listen(self, token: str, stream: EventStream) -> Response:
        waiting = self._waiting.pop(token, None)
        if waiting is None:
            raise Refused(409, "CONFLICT", "Somebody listens to this stream already.")
        waiting.cancel()
        return Streaming(stream)

    async def _begin(self, request: Request, viewer: Viewer) -> Response:
        asked = await bodies.read(request)
        # It may have been closed while the body arrived.
        _, stream = self._found(request, viewer)
        stream.renew(viewer)
        id = _operation_id(asked)
        if id in stream.operations:
            raise Refused(409, "CONFLICT", "There is an operation of this id already.")
        stream.operations.begin(id, stream.viewer, asked, request.headers.get("last-event-id"))
        return Response(status_code=202)

    def _forget(self, token: str) -> None:
        waiting = self._waiting.pop(token, None)
        if waiting is not None:
            waiting.cancel()
        stream = self._streams.pop(token, None)
        if stream is not None:
            stream.close()


def _operation_id(asked: Asked) -> str:
    id = (asked.extensions or {}).get("operationId")
    if not isinstance(id, str) or not id:
        message = "`extensions.operationId` must say what the operation is called on the stream."
        raise Refused(400, "BAD_USER_INPUT", message, argument="extensions")
    return id
