"""Strawberry the way its guides show it: types and resolvers over ORM entities and loaders."""

from collections.abc import AsyncIterator
from datetime import datetime
from enum import Enum
from typing import Annotated, Generic, TypeVar

import strawberry
from fastapi import Depends, FastAPI, Request
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from strawberry import Parent
from strawberry.fastapi import BaseContext, GraphQLRouter
from strawberry.scalars import JSON

from bench.peers import entities, serving, viewers
from bench.peers.loading import Loaders

T = TypeVar("T")

_SERVER = serving.DATABASE.replace("postgresql:", "postgresql+psycopg:")
_engine = create_async_engine(_SERVER, pool_size=10, max_overflow=0)


class Context(BaseContext):
    """What the resolvers of one request share."""

    def __init__(self, load: Loaders) -> None:
        super().__init__()
        self.load = load


Info = strawberry.Info[Context, None]


@strawberry.enum
class Placement(Enum):
    """Which entries of a shot."""

    PLACED = "placed"
    ALL = "all"


@strawberry.type
class Connection(Generic[T]):
    """A page of a list."""

    nodes: list[T]


@strawberry.type
class Metadata:
    """What is kept with an entry."""

    raw: JSON


@strawberry.type
class Statistics:
    """How much is in a shot."""

    @strawberry.field
    def total(self, counts: Parent[entities.Statistics]) -> int:
        return counts.total_generations

    @strawberry.field
    def positioned(self, counts: Parent[entities.Statistics]) -> int:
        return counts.positioned_count

    @strawberry.field
    def unpositioned(self, counts: Parent[entities.Statistics]) -> int:
        return counts.unpositioned_count


@strawberry.type
class Variant:
    """Another take of a generation."""

    id: strawberry.ID
    location: str
    variant_type: str | None
    is_primary: bool


@strawberry.type
class Entry:
    """A generation in a shot."""

    id: strawberry.ID
    position: int | None
    timeline_frame: int | None

    @strawberry.field
    def metadata(self, entry: Parent[entities.Entry]) -> Metadata:
        return Metadata(raw=JSON(entry.kept))

    @strawberry.field
    async def shot(self, entry: Parent[entities.Entry], info: Info) -> "Shot":
        found: Shot = await info.context.load.one(entities.Shot, entry.shot_id)
        return found

    @strawberry.field
    async def generation(self, entry: Parent[entities.Entry], info: Info) -> "Generation":
        found: Generation = await info.context.load.one(entities.Generation, entry.generation_id)
        return found


@strawberry.type
class Generation:
    """A generated image or video."""

    id: strawberry.ID
    type: str | None
    location: str | None
    thumbnail_url: str | None
    starred: bool
    created_at: datetime

    @strawberry.field
    async def variants(
        self, generation: Parent[entities.Generation], info: Info, first: int = 50
    ) -> Connection[Variant]:
        return Connection(nodes=await info.context.load.variants(generation.id, first))

    @strawberry.field
    async def shot_entries(
        self, generation: Parent[entities.Generation], info: Info, first: int = 50
    ) -> Connection[Entry]:
        return Connection(nodes=await info.context.load.places(generation.id, first))

    @strawberry.field
    async def based_on(
        self, generation: Parent[entities.Generation], info: Info
    ) -> "Generation | None":
        if generation.origin is None:
            return None
        found: Generation | None = await info.context.load.one(
            entities.Generation, generation.origin
        )
        return found


@strawberry.type
class Shot:
    """A scene of a project."""

    id: strawberry.ID
    name: str

    @strawberry.field
    async def entries(
        self,
        shot: Parent[entities.Shot],
        info: Info,
        first: int = 50,
        placement: Placement = Placement.ALL,
    ) -> Connection[Entry]:
        placed = placement is Placement.PLACED
        return Connection(nodes=await info.context.load.entries(shot.id, first, placed))

    @strawberry.field
    async def statistics(self, shot: Parent[entities.Shot], info: Info) -> Statistics:
        found: Statistics = await info.context.load.one(entities.Statistics, shot.id)
        return found


@strawberry.type
class Project:
    """A project of a studio."""

    id: strawberry.ID

    @strawberry.field
    async def generations(
        self, project: Parent[entities.Project], info: Info, first: int = 50
    ) -> Connection[Generation]:
        return Connection(nodes=await info.context.load.gallery(project.id, first))

    @strawberry.field
    async def shots(
        self, project: Parent[entities.Project], info: Info, first: int = 50
    ) -> Connection[Shot]:
        return Connection(nodes=await info.context.load.shots(project.id, first))


@strawberry.type
class Query:
    """Where questions begin."""

    @strawberry.field
    async def project(self, info: Info, id: strawberry.ID) -> Project | None:
        found: Project | None = await info.context.load.one(entities.Project, id)
        return found

    @strawberry.field
    async def generation(self, info: Info, id: strawberry.ID) -> Generation | None:
        found: Generation | None = await info.context.load.one(entities.Generation, id)
        return found


async def _session(request: Request) -> AsyncIterator[AsyncSession]:
    claims = viewers.claims(request.headers["authorization"].encode())
    async with AsyncSession(_engine) as session, session.begin():
        role = func.set_config("role", "authenticated", True)
        await session.execute(select(role, func.set_config("request.jwt.claims", claims, True)))
        yield session


async def _context(session: Annotated[AsyncSession, Depends(_session)]) -> Context:
    return Context(Loaders(session))


app = FastAPI()
app.include_router(
    GraphQLRouter(strawberry.Schema(Query), context_getter=_context), prefix="/graphql"
)

if __name__ == "__main__":
    serving.serve(app)
