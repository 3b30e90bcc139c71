"""Asks GraphQL questions as a viewer, against a real database, of both executors."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import strawberry
from graphql import OperationDefinitionNode, parse, validate
from graphql.error import GraphQLError

from db.session import Database, Session
from engine.executor import Executor, GaveUp
from resolvers.context import Context
from schema import root
from server import links
from server.config import Config
from server.transactions import Transactions

_FOLDER = Path(__file__).parent.parent / ".dailies" / "tests-media"
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


class Asking:
    """`await asking(query, viewer=user_id, **variables)`.

    graphql-core answers; what the engine can answer too must be the same to the letter.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.schema: strawberry.Schema = root.build(Transactions)
        self.engine = Executor(self.schema, (Transactions,))
        self.claims: dict[str, dict[str, Any]] = {}

    async def __call__(self, query: str, viewer: str, **variables: Any) -> Answer:
        context = self._context(viewer)
        first = context.session
        result = await self.schema.execute(query, variables, context)
        data = None if result.data is None else json.loads(_text(result.data))
        # What a mutation has changed is read in a session of its own.
        read = [] if context.session is first else context.session.statements
        answer = Answer(data, list(result.errors or []), first.statements + read)
        engines = await self.engines(query, viewer, variables)
        if engines is not None:
            assert not answer.errors, answer.errors
            assert _text(engines) == _text(answer.data)
        return answer

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
            document = parse(query)
        except GraphQLError:
            return None
        if validate(self.schema._schema, document):
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
