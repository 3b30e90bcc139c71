"""Asks GraphQL questions as a viewer, against a real database."""

from dataclasses import dataclass
from typing import Any

import strawberry

from db.session import Database
from resolvers.context import Context
from schema import root
from server.transactions import Transactions


@dataclass(frozen=True)
class Answer:
    """What came back: the data, the errors, and the SQL that was sent for it."""

    data: Any
    errors: list[Any]
    statements: list[str]

    def __getitem__(self, name: str) -> Any:
        assert not self.errors, self.errors
        return self.data[name]


class Links:
    """Stands for the media server where a test is not about media."""

    def sign(self, location: str) -> str:
        """The location as a URL that tells nothing."""
        return f"/{location}?signed"

    def identity(self, location: str) -> str:
        """The same without the signature."""
        return f"/{location}"


class Asking:
    """`await asking(query, viewer=user_id, **variables)`."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.schema: strawberry.Schema = root.build(Transactions)

    async def __call__(self, query: str, viewer: str, **variables: Any) -> Answer:
        session = self.database.session({"sub": viewer, "role": "authenticated"})
        context = Context(viewer, session, Links())
        result = await self.schema.execute(query, variables, context)
        return Answer(result.data, list(result.errors or []), session.statements)
