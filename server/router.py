"""The GraphQL endpoint as a router of FastAPI: pages, GET, and whatever takes no lane."""

from functools import partial
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry import UNSET, Schema
from strawberry.fastapi import GraphQLRouter

from server import bodies, lane
from server.answers import Answers
from server.replies import Reply, Stream

_PAGE_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "img-src * data: blob:; font-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}


class Router(GraphQLRouter[Any, None]):
    """Hands requests to what answers them; a browser that comes by gets a page."""

    def __init__(self, schema: Schema, answers: Answers, page: Path | None = None) -> None:
        super().__init__(
            schema, path=lane.PATH, context_getter=_no_context, subscription_protocols=()
        )
        self._answers = answers
        self._page = page

    async def run(  # type: ignore[override]
        self, request: Request | WebSocket, context: Any = UNSET, root_value: Any = UNSET
    ) -> Response | WebSocket:
        """Answer a request."""
        if not isinstance(request, Request):
            return await super().run(request, context, root_value)
        if self._page and _wants_page(request):
            return FileResponse(self._page, headers=_PAGE_HEADERS)
        read = partial(bodies.read, request)
        reply = await self._answers.reply(request.method, request.headers, read, request.receive)
        if isinstance(reply, Reply):
            return Response(reply.body, reply.status, dict(reply.headers))
        return Streaming(reply)


class Streaming(Response):
    """An answer that goes on, as Starlette sends it."""

    def __init__(self, stream: Stream) -> None:
        super().__init__(status_code=stream.status, headers=dict(stream.headers))
        del self.headers["content-length"]
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it until it has ended."""
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        await self._stream.serve(receive, send)


async def _no_context() -> None:
    """Contexts are opened for each operation; what is not async would cost a thread."""


def _wants_page(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    return request.method == "GET" and "query" not in request.query_params and "text/html" in accept
