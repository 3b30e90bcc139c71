"""Asks GraphQL questions as a viewer, against a real database, of both executors."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
import strawberry
from graphql import (
    DocumentNode,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from graphql.error import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from db.session import Database, Session
from engine.executor import Executor, GaveUp
from resolvers.context import Context
from schema import root
from server import links
from server.config import Config
from server.transactions import Transactions

_FOLDER = Path(__file__).parent.parent / ".dailies" / "tests-media"
_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
_CONFIG = Config.model_validate({"secret": "s" * 32, "data_folder": _FOLDER})


@dataclass(frozen=True)
class Answer:
    """What came back: the data, the errors, and the SQL that was sent for it."""

    data: Any
    errors: list[Any]
    statements: list[str]

    def __getitem__(self, name: str) -> Any:
        assert not self.errors, self.errors
        return self.data[name]


class Links(links.Links):
    """The links of a gateway, whose signatures tell nothing where a test is not about them."""

    def __init__(self) -> None:
        super().__init__(_CONFIG)

    def sign(self, location: str) -> str:
        """The location as a URL that tells nothing."""
        return f"/{location}?signed"

    def identity(self, location: str) -> str:
        """The same without the signature."""
        return f"/{location}"


@lru_cache(500)
def read(schema: GraphQLSchema, text: str) -> tuple[DocumentNode, tuple[GraphQLError, ...]]:
    """The document of a text, and what is wrong with it."""
    document = parse(text)
    return document, tuple(validate(schema, document, _RULES))


class ReadOnce(SchemaExtension):
    """Texts are asked again and again, of both executors: none is read twice."""

    def on_parse(self) -> Iterator[None]:
        """Hand the document over; what is none is left to be told of."""
        with suppress(GraphQLError):
            self.execution_context.graphql_document, _ = self._read()
        yield

    def on_validate(self) -> Iterator[None]:
        """Hand over what is wrong with it."""
        self.execution_context.pre_execution_errors = list(self._read()[1])
        yield

    def _read(self) -> tuple[DocumentNode, tuple[GraphQLError, ...]]:
        asked = self.execution_context
        return read(asked.schema._schema, asked.query or "")


class Asking:
    """`await asking(query, viewer=user_id, **variables)`.

    graphql-core answers; what the engine can answer too must be the same to the letter.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.schema: strawberry.Schema = root.build(ReadOnce, Transactions)
        self.engine = Executor(self.schema, (ReadOnce, Transactions))
        self.claims: dict[str, dict[str, Any]] = {}
        self._begun = self._under_way = 0

    async def __call__(self, query: str, viewer: str, **variables: Any) -> Answer:
        self._begun += 1
        begun, is_first = self._begun, not self._under_way
        self._under_way += 1
        try:
            answer, engines = await self._both(query, viewer, variables)
        finally:
            self._under_way -= 1
        # What others do at the same time the second to read may see, where the first did not.
        if engines is not None and is_first and self._begun == begun:
            assert not answer.errors, answer.errors
            assert _text(engines) == _text(answer.data)
        return answer

    async def _both(self, query: str, viewer: str, variables: Any) -> tuple[Answer, Any]:
        context = self._context(viewer)
        first = context.session
        result = await self.schema.execute(query, variables, context)
        data = None if result.data is None else json.loads(_text(result.data))
        # What a mutation has changed is read in a session of its own.
        read = [] if context.session is first else context.session.statements
        answer = Answer(data, list(result.errors or []), first.statements + read)
        # Nothing is performed twice: the engine tells what it came to for graphql-core.
        return answer, await self._engines(query, variables, context.again())

    async def engines(self, query: str, viewer: str, variables: dict[str, Any]) -> Any:
        """The engine's data, or None where it leaves the query to graphql-core."""
        return await self._engines(query, variables, self._context(viewer))

    async def flown(self, query: str, viewer: str, variables: dict[str, Any]) -> Session:
        """The session in which the engine has answered."""
        context = self._context(viewer)
        assert await self._engines(query, variables, context) is not None
        return context.session

    async def _engines(self, query: str, variables: dict[str, Any], context: Context) -> Any:
        try:
            document, errors = read(self.schema._schema, query)
        except GraphQLError:
            return None
        if errors:
            return None
        (operation,) = (d for d in document.definitions if isinstance(d, OperationDefinitionNode))
        try:
            return await self.engine.answer(query, document, operation, variables, context)
        except GaveUp:
            return None
        finally:
            await context.session.end()

    def _context(self, viewer: str) -> Context:
        return Context(viewer, self._session(viewer), Links())

    def _session(self, viewer: str) -> Session:
        """What else a token says of its viewer is in `claims`."""
        claims = {"sub": viewer, "role": "authenticated", "email": f"{viewer}@example.org"}
        return self.database.session(claims | self.claims.get(viewer, {}))


def _text(data: Any) -> str:
    return json.dumps(orjson.loads(orjson.dumps(data)))
