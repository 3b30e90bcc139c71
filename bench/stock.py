"""Strawberry's own subscriptions, for comparison: a plain generator for each socket.

`python -m bench.stock PORT` serves `projectChanges`; POST /tell/PROJECT tells all who follow it
of one change, which costs no database. What is told is what Dailies tells of one updated row.
"""

import asyncio
import sys
from collections import defaultdict
from collections.abc import AsyncGenerator

import strawberry
import uvicorn
from fastapi import FastAPI
from strawberry.fastapi import GraphQLRouter

GENERATION = "0b6f6a3e-5d55-4b43-9a0e-7a1d3f9a4c11"
CURSOR = "x" * 160


@strawberry.type
class Generation:
    """What was changed."""

    id: strawberry.ID = strawberry.ID(GENERATION)
    name: str | None = None
    starred: bool = True
    version: int = 7


@strawberry.type
class Change:
    """What became of it."""

    table: str = "generations"
    id: strawberry.ID = strawberry.ID(GENERATION)
    operation: str = "UPDATE"
    columns: list[str] = strawberry.field(default_factory=lambda: ["starred", "version"])
    node: Generation | None = strawberry.field(default_factory=Generation)


@strawberry.type
class ChangeEvent:
    """One transaction."""

    cursor: str = CURSOR
    kind: str = "CHANGE"
    reason: str | None = "external"
    scopes: list[str] = strawberry.field(default_factory=lambda: ["IMAGES", "METADATA"])
    at: str | None = "2026-11-28T12:00:00.000000Z"
    changes: list[Change] = strawberry.field(default_factory=lambda: [Change()])


_told: dict[str, set["asyncio.Queue[ChangeEvent]"]] = defaultdict(set)


@strawberry.type
class Query:
    """There must be one."""

    here: bool = True


@strawberry.type
class Subscription:
    """What is measured."""

    @strawberry.subscription
    async def project_changes(
        self, project_id: strawberry.ID, tables: list[str] | None = None
    ) -> AsyncGenerator[ChangeEvent]:
        """One event after another."""
        queue: asyncio.Queue[ChangeEvent] = asyncio.Queue()
        _told[project_id].add(queue)
        try:
            yield ChangeEvent(kind="READY", changes=[])
            while True:
                yield await queue.get()
        finally:
            _told[project_id].discard(queue)


def main() -> None:
    """Serve until somebody stops it."""
    app = FastAPI()
    schema = strawberry.Schema(Query, subscription=Subscription)
    app.include_router(GraphQLRouter(schema, path="/graphql"))

    @app.post("/tell/{project}")
    async def tell(project: str) -> bool:
        event = ChangeEvent()
        for queue in _told[project]:
            queue.put_nowait(event)
        return True

    options = {"loop": "uvloop", "http": "httptools", "ws": "websockets-sansio"}
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        log_level="warning",
        access_log=False,
        ws_per_message_deflate=False,
        **options,  # type: ignore[arg-type]
    )


if __name__ == "__main__":
    main()
