"""The floor: one statement written by hand for each question, which builds the whole answer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from psycopg_pool import AsyncConnectionPool

from bench.peers import serving, viewers
from db.wire import Asked, Wire

_FOLDER = Path(__file__).parent
_STATEMENTS = {file.stem: file.read_text() for file in (_FOLDER / "floor").glob("*.sql")}
_BEGIN = Asked("begin isolation level repeatable read read only")
_CLAIM = (
    "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)"
)
_COMMIT = Asked("commit")

_wires = AsyncConnectionPool(
    serving.DATABASE,
    min_size=1,
    max_size=10,
    open=False,
    connection_class=Wire,
    kwargs={"autocommit": True, "client_encoding": "utf8"},
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
    opening = (_BEGIN, Asked(_CLAIM, (claims,)))
    async with _wires.connection() as wire:
        said = await wire.fly((Asked(statement, (key,)),), opening, (_COMMIT,))
    return orjson.dumps(said[0][0][0])


async def _live(receive: Any, send: Any) -> None:
    await receive()
    await _wires.open(wait=True)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await _wires.close()
    await send({"type": "lifespan.shutdown.complete"})


if __name__ == "__main__":
    serving.serve(app)
