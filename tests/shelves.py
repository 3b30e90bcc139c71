"""A small schema of its own for tests of the engine: authors, their books, and what goes wrong."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from inspect import isawaitable
from operator import attrgetter
from types import SimpleNamespace
from typing import Any

import strawberry
from graphql import OperationDefinitionNode, execute, parse
from strawberry.directive import DirectiveLocation
from strawberry.extensions import FieldExtension, SchemaExtension
from strawberry.permission import BasePermission

from engine.declarations import column, resolved_by
from engine.executor import Executor, GaveUp
from engine.performing import Done, performed_by
from engine.references import Kinds, found_reference
from engine.relations import each_by, listed_by, picked_by, related_by
from engine.roots import found_by
from engine.watching import Beside, watched_by


@dataclass
class Session:
    """Tables by name, each with what it says of a key; `gate` holds back every flight."""

    tables: Mapping[str, Mapping[str, Any]]
    gate: asyncio.Event | None = None
    flights: list[list[str]] = field(default_factory=list)

    async def fetch(self, table: str, keys: list[str]) -> dict[str, Any]:
        """What a table says of these keys; a table may be an exception."""
        return (await self.fetch_all([(table, {"keys": keys})]))[0]

    async def fetch_all(
        self,
        asked: list[tuple[str, dict[str, Any]]],
        last: bool = False,
        arrived: Callable[[dict[str, Any]], object] | None = None,
    ) -> list[dict[str, Any]]:
        """The same for several tables at once, and one after another."""
        self.flights.append([table for table, _ in asked])
        await (self.gate.wait() if self.gate else asyncio.sleep(0))
        found = []
        for table, given in asked:
            found.append(self._rows(table, given["keys"]))
            if arrived is not None:
                arrived(found[-1])
        return found

    def _rows(self, table: str, keys: list[str]) -> dict[str, Any]:
        rows = self.tables[table]
        if isinstance(rows, Exception):
            raise rows
        return {key: rows[key] for key in keys if key in rows}


@dataclass
class Context:
    """What resolvers may use; keys are asked for one by one."""

    session: Session
    selected: dict[Any, Any] = field(default_factory=dict)
    done: Done = field(default_factory=Done)
    deeds: list[str] = field(default_factory=list)

    async def load(self, function: Any, key: str, columns: Any, arguments: Any) -> Any:
        """What a batch function says of a key."""
        found = (await function(self.session, [key], columns, **dict(arguments))).get(key)
        if isinstance(found, Exception):
            raise found
        return found


async def books(session: Any, keys: list[str], columns: Any) -> Any:
    """Books by their ids."""
    return await session.fetch("books", keys=keys)


async def authors(session: Any, keys: list[str], columns: Any) -> Any:
    """Authors by their ids."""
    return await session.fetch("authors", keys=keys)


async def written(session: Any, keys: list[str], columns: Any, first: int = 9) -> Any:
    """The books of an author."""
    found = await session.fetch("written", keys=keys)
    return {k: v[:first] if isinstance(v, list) else v for k, v in found.items()}


async def ratings(session: Any, keys: list[str], columns: Any) -> Any:
    """What people think of a book."""
    return await session.fetch("ratings", keys=keys)


async def kinds(session: Any, keys: list[str], columns: Any) -> Any:
    """What an id speaks of."""
    return await session.fetch("kinds", keys=keys)


def of_one(id: str) -> str:
    """An item by its id."""
    return id


def of_many(ids: tuple[str, ...]) -> list[str]:
    """Items by their ids."""
    return list(ids)


async def of_book(context: Any, id: str) -> str:
    """What becomes of a book."""
    return id


def shout(row: Any, times: int = 1) -> str:
    """The title, loudly."""
    return str(row.title.upper() + "!" * times)


async def whisper(row: Any) -> str:
    """The title, after a while."""
    return str(row.title.lower())


@strawberry.enum
class Mood(Enum):
    CALM = "calm"
    WILD = "wild"


class Locked(BasePermission):
    message = "It is locked."

    def has_permission(self, source: Any, info: Any, **kwargs: Any) -> bool:
        return False


class Doubled(FieldExtension):
    def resolve(self, next_: Any, source: Any, info: Any, **kwargs: Any) -> Any:
        return next_(source, info, **kwargs) * 2


@strawberry.interface
class Item:
    id: strawberry.ID = column("Id.")


@strawberry.type
class Author(Item):
    is_type_of = staticmethod(lambda row, _: hasattr(row, "name"))
    id: strawberry.ID = column("Id.")
    name: str = column("Name.")
    books: list["Book"] = listed_by(written, "id", arguments={"first": "How many."})
    maybe: list["Book | None"] | None = listed_by(written, "id", arguments={"first": "How many."})


@strawberry.type
class Book(Item):
    is_type_of = staticmethod(lambda row, _: hasattr(row, "title"))
    id: strawberry.ID = column("Id.")
    title: str = column("Title.")
    pages: int | None = column("Pages.")
    price: float | None = column("Price.")
    sold: bool | None = column("Sold.")
    tags: list[str] | None = column("Tags.")
    mood: Mood | None = column("Mood.")
    loud: str = resolved_by(shout, ("title",), arguments={"times": "How loudly."})
    quiet: str = resolved_by(whisper, ("title",))
    stars: int | None = picked_by(ratings, "id", "stars", description="Stars.")
    votes: int = picked_by(ratings, "id", "votes", default=0, description="Votes.")
    author: Author = related_by(authors, "author")
    sequel: "Book | None" = related_by(books, "sequel")
    secret: str | None = strawberry.field(resolver=lambda: "x", permission_classes=[Locked])
    twice: str = strawberry.field(resolver=lambda: "x", extensions=[Doubled()])

    @strawberry.field
    def plain(self) -> str:
        return "plain"


KINDS: Kinds = {"book": ("Book", books), "author": ("Author", authors)}


@strawberry.type
class Query:
    item: Item | None = found_reference(kinds, KINDS, of_one, {"id": "Id."})
    items: list[Item | None] = found_reference(kinds, KINDS, of_many, {"ids": "Ids."})
    book: Book | None = found_by(books, "id", str, key_words="Id.")
    author: Author | None = found_by(authors, "id", str, key_words="Id.")


@strawberry.type
class Printed:
    is_type_of = staticmethod(lambda reached, _: reached.type == "Printed")
    book: Book | None = related_by(books, "book")
    copies: list[Book | None] = each_by(books, "copies", "Copies.")
    first: Book = related_by(books, "book")


@strawberry.type
class Banned:
    is_type_of = staticmethod(lambda reached, _: reached.type == "Banned")
    why: str = column("Why.")


@strawberry.input
class Print:
    ids: list[strawberry.ID]


async def printing(context: Context, input: Print) -> Any:
    """Books by their ids, once more; there is none without an id, and some are banned."""
    context.deeds.append(",".join(input.ids))
    await asyncio.sleep(0)
    if "banned" in input.ids:
        return SimpleNamespace(type="Banned", why="It is banned.")
    return SimpleNamespace(type="Printed", book=input.ids[0], copies=input.ids)


@strawberry.type
class Mutation:
    print: Printed | Banned | None = performed_by(
        printing, attrgetter("type"), Print, Printed | Banned | None, "Prints."
    )

    @strawberry.mutation
    def write(self) -> str:
        return "written"


@strawberry.type
class Subscription:
    book_changes: Book = watched_by(of_book, {"id": "Id."})


@strawberry.directive(locations=[DirectiveLocation.FIELD, DirectiveLocation.FRAGMENT_DEFINITION])
def reversed(value: str) -> str:
    return value[::-1]


class Watched(SchemaExtension):
    """Something that the engine knows nothing of."""


def made(*extensions: type[SchemaExtension], directives: Any = ()) -> strawberry.Schema:
    """The schema."""
    return strawberry.Schema(
        Query, Mutation, Subscription, extensions=extensions, directives=directives
    )


def book(number: str, **values: Any) -> Any:
    """A book that has everything."""
    row = {"id": number, "title": f"Book {number}", "pages": 5, "price": 1.5, "sold": True}
    row |= {"tags": ["a", "b"], "mood": "wild", "author": "a", "sequel": None}
    return SimpleNamespace(**{**row, **values})


def shelf(**changed: Any) -> dict[str, Any]:
    """One author with three books, one the sequel of the other; tables may be changed."""
    all_books = [book("1", sequel="2"), book("2", sequel="3"), book("3")]
    return {
        "books": {row.id: row for row in all_books},
        "authors": {"a": SimpleNamespace(id="a", name="Ada")},
        "written": {"a": all_books},
        "ratings": {"1": SimpleNamespace(stars=4, votes=9)},
        "kinds": {
            "a": SimpleNamespace(kind="author", id="a"),
            **{n: SimpleNamespace(kind="book", id=n) for n in ("1", "2", "3", "lost")},
        },
        **changed,
    }


@dataclass
class Library:
    """Asks both executors; what the engine cannot answer it must leave to graphql-core."""

    schema: strawberry.Schema = field(default_factory=made)

    def __post_init__(self) -> None:
        self.engine = Executor(self.schema)

    async def engines(self, query: str, session: Session, **variables: Any) -> Any:
        """The engine's data, or None where it leaves the query to graphql-core."""
        document = parse(query)
        name = variables.pop("operation", None)
        operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        (chosen,) = (o for o in operations if name is None or (o.name and o.name.value == name))
        try:
            return await self.engine.answer(query, document, chosen, variables, Context(session))
        except GaveUp:
            return None

    async def ask(self, query: str, tables: Any = None, **variables: Any) -> tuple[Any, Any]:
        """What the engine said, and what graphql-core said; they must not contradict."""
        engines = await self.engines(query, Session(tables or shelf()), **variables)
        name, context = variables.pop("operation", None), Context(Session(tables or shelf()))
        core = await self.schema.execute(query, variables, context, operation_name=name)
        if engines is not None:
            assert not core.errors, core.errors
            assert repr(engines) == repr(core.data)
        return engines, core

    async def does(self, query: str, context: Context) -> tuple[Any, Any]:
        """What the engine said of a mutation, and what graphql-core said after it."""
        document, (chosen,) = parse(query), parse(query).definitions
        assert isinstance(chosen, OperationDefinitionNode)
        try:
            engines = await self.engine.answer(query, document, chosen, None, context)
        except GaveUp:
            engines = None
        core: Any = execute(self.schema._schema, document, context_value=context)
        core = await core if isawaitable(core) else core
        if engines is not None:
            assert repr(engines) == repr(core.data)
        return engines, core

    async def told(self, query: str, session: Session, event: Any, beside: Beside) -> Any:
        """What the engine tells of an event, and graphql-core too."""
        document = parse(query)
        (chosen,) = (d for d in document.definitions if isinstance(d, OperationDefinitionNode))
        engines = await self.engine.answer(
            query, document, chosen, None, Context(session), event, beside
        )
        context, schema = Context(Session(shelf())), self.schema._schema
        core: Any = execute(schema, document, root_value=event, context_value=context)
        core = await core if isawaitable(core) else core
        assert repr(engines) == repr(core.data)
        return engines
