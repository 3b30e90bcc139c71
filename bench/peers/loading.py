"""Loaders of the server that is written the usual way: one for each relation and request."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased
from strawberry.dataloader import DataLoader

from bench.peers.entities import Entry, Generation, Shot, Variant

Attribute = InstrumentedAttribute[Any]
Load = Callable[[list[str]], Awaitable[list[Any]]]


class Loaders:
    """What one request loads, over its one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._turn = asyncio.Lock()
        self._loaders: dict[Hashable, DataLoader[str, Any]] = {}

    async def one(self, entity: Any, key: str) -> Any:
        """The entity of this id."""

        async def load(keys: list[str]) -> list[Any]:
            rows = await self._rows(select(entity).where(entity.id.in_(keys)))
            found = {row.id: row for row in rows}
            return [found.get(each) for each in keys]

        return await self._loader(entity, load).load(key)

    async def gallery(self, project: str, first: int) -> list[Any]:
        """The newest generations of a project."""
        listed = (Generation.location.is_not(None), ~Generation.is_child)
        order = (Generation.created_at.desc(), Generation.id.desc())
        of = Generation.project_id == project
        return await self._rows(select(Generation).where(of, *listed).order_by(*order).limit(first))

    async def shots(self, project: str, first: int) -> list[Any]:
        """The first shots of a project."""
        of = select(Shot).where(Shot.project_id == project)
        return await self._rows(of.order_by(Shot.position, Shot.id).limit(first))

    async def variants(self, generation: str, first: int) -> list[Any]:
        """The takes of a generation: the primary first, then the newest."""
        order = (Variant.is_primary.desc(), Variant.created_at.desc(), Variant.id.desc())
        return await self._many(Variant.generation_id, generation, first, order)

    async def places(self, generation: str, first: int) -> list[Any]:
        """The entries of a generation, the oldest first."""
        order = (Entry.created_at, Entry.id)
        return await self._many(Entry.generation_id, generation, first, order)

    async def entries(self, shot: str, first: int, placed: bool) -> list[Any]:
        """The entries of a shot in its order, or only those that have a place."""
        wanted = (Entry.timeline_frame.is_not(None),) if placed else ()
        order = (Entry.timeline_frame, Entry.created_at, Entry.id)
        return await self._many(Entry.shot_id, shot, first, order, *wanted)

    async def _many(
        self, by: Attribute, key: str, first: int, order: tuple[Any, ...], *wanted: Any
    ) -> list[Any]:
        """The first entities of a key, numbered by PostgreSQL."""
        number = func.row_number().over(partition_by=by, order_by=order).label("number")

        async def load(keys: list[str]) -> list[Any]:
            numbered = select(by.class_, number).where(by.in_(keys), *wanted).subquery()
            entity = aliased(by.class_, numbered)
            page = select(entity).where(numbered.c.number <= first).order_by(numbered.c.number)
            found = defaultdict(list)
            for row in await self._rows(page):
                found[getattr(row, by.key)].append(row)
            return [found[each] for each in keys]

        loaded: list[Any] = await self._loader((by, first, len(wanted)), load).load(key)
        return loaded

    async def _rows(self, statement: Select[Any]) -> list[Any]:
        """A session takes one statement at a time."""
        async with self._turn:
            return list(await self._session.scalars(statement))

    def _loader(self, name: Hashable, load: Load) -> DataLoader[str, Any]:
        if name not in self._loaders:
            self._loaders[name] = DataLoader(load)
        return self._loaders[name]
