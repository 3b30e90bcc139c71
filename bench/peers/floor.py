"""The floor: one statement written by hand for each question, which builds the whole answer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from psycopg import AsyncRawCursor
from psycopg_pool import AsyncConnectionPool

from bench.peers import serving, viewers

_FOLDER = Path(__file__).parent
_STATEMENTS = {file.stem: file.read_text() for file in (_FOLDER / "floor").glob("*.sql")}
_BEGIN = "begin isolation level repeatable read read only"
_CLAIM = (
    "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)"
)

_connections = AsyncConnectionPool(
    serving.DATABASE,
    min_size=1,
    max_size=10,
    open=False,
    kwargs={"autocommit": True, "cursor_factory": AsyncRawCursor},
)


async def app(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
    """Answer `{"question": …, "id": …}`, as bare ASGI."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    asked = orjson.loads((await receive())["body"])
    claims = viewers.claims(dict(scope["headers"]).get(b"authorization", b""))
    answer = await _answered(claims, _STATEMENTS[asked["question"]], asked["id"])
    length = str(len(answer)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


async def _answered(claims: str, statement: str, key: str) -> bytes:
    """What one statement says in the viewer's name: everything in one flight."""
    async with _connections.connection() as connection, connection.pipeline():
        await connection.execute(_BEGIN)
        await connection.execute(_CLAIM, (claims,))
        said = await connection.execute(statement, (key,), prepare=True, binary=True)
        await connection.execute("commit")
        (answer,) = await said.fetchone() or (b"null",)
    return answer  # type: ignore[no-any-return]


async def _live(receive: Any, send: Any) -> None:
    await receive()
    await _connections.open(wait=True)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await _connections.close()
    await send({"type": "lifespan.shutdown.complete"})


if __name__ == "__main__":
    serving.serve(app)
