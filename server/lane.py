"""The lane: GraphQL by POST goes straight to its answer, past all that other requests need."""

from collections.abc import Mapping

from starlette.types import Receive, Scope, Send

from server import bodies
from server.answers import Answers
from server.bodies import Asked

PATH = "/graphql"


class Lane:
    """Answers every request as the router would; nothing but what reads it is different."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one POST."""
        # Of a header that is sent twice the first counts.
        headers = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in reversed(scope["headers"])
        }

        async def read() -> Asked:
            return bodies.from_body(await _whole(headers, receive))

        status, said, body = await self._answers.reply("POST", headers, read, receive)
        lines = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in said.items()
        ]
        lines.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": status, "headers": lines})
        await send({"type": "http.response.body", "body": body})


def serves(scope: Scope) -> bool:
    """Whether a request takes the lane."""
    return (scope["type"], scope.get("path"), scope.get("method")) == ("http", PATH, "POST")


async def _whole(headers: Mapping[str, str], receive: Receive) -> bytes:
    bodies.check_kind(headers)
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise bodies.ended_early()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)
