"""The lane: GraphQL by POST goes straight to its answer, past all that other requests need."""

from collections.abc import Mapping

from starlette.types import Receive, Scope, Send

from server import bodies
from server.answers import Answers
from server.bodies import Asked
from server.errors import JSON, Refused
from server.limits import Limits
from server.receiving import Counted
from server.replies import Reply, Stream

PATH = "/graphql"


class Lane:
    """Answers every request as the router would; only what reads and writes it is different."""

    def __init__(self, answers: Answers, limits: Limits) -> None:
        self._answers = answers
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one POST."""
        # Of a header that is sent twice the first counts.
        headers = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in reversed(scope["headers"])
        }
        reply = await self._reply(headers, receive)
        lines = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in reply.headers.items()
        ]
        if "origin" not in headers:
            lines.append((b"vary", b"Origin"))
        if not isinstance(reply, Reply):
            await send({"type": "http.response.start", "status": reply.status, "headers": lines})
            await reply.serve(receive, send)
            return
        lines.append((b"content-length", b"%d" % len(reply.body)))
        await send({"type": "http.response.start", "status": reply.status, "headers": lines})
        await send({"type": "http.response.body", "body": reply.body})

    async def _reply(self, headers: Mapping[str, str], receive: Receive) -> Reply | Stream:
        counted = Counted(receive, self._limits.body, self._limits.body_seconds)
        try:
            counted.announced(headers.get("content-length", "0"))
        except Refused as refused:
            return Reply(refused.status, refused.sent_with(JSON), refused.body())

        async def read() -> Asked:
            bodies.check_kind(headers)
            return bodies.from_body(await counted.whole())

        return await self._answers.reply("POST", headers, read, receive)


def serves(scope: Scope) -> bool:
    """Whether a request takes the lane."""
    return (scope["type"], scope.get("path"), scope.get("method")) == ("http", PATH, "POST")


def is_shared(scope: Scope) -> bool:
    """Whether a browser says which page it asks for; what that page may see is for CORS to say."""
    return b"origin" in [name for name, _ in scope["headers"]]
