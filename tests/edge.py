"""A small schema behind the gateway's own router, for tests of what stands before any schema."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import strawberry
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from starlette.exceptions import HTTPException
from strawberry.scalars import JSON

from db.errors import NotFound
from server import auth, errors
from server.answers import Answers
from server.auth import Authenticator, Viewer
from server.config import Config
from server.documents import Documents
from server.receiving import BodyLimit
from server.router import Router

PAGE = Path(__file__).parent.parent / "server" / "graphiql" / "index.html"


@strawberry.type
class Thing:
    id: UUID

    @strawberry.field
    def more(self, first: int = 1) -> list["Thing"]:
        return [self] * first

    @strawberry.field
    def missing(self) -> int | None:
        raise NotFound("There is no such thing.", "id")

    @strawberry.field
    def broken(self) -> int | None:
        raise ValueError("a secret of the house")

    @strawberry.field
    def slow(self) -> int | None:
        raise TimeoutError


class Unread:
    """A session without a database behind it."""

    async def end(self) -> None:
        """There is nothing to end."""


@dataclass
class Visit:
    """Who asks."""

    id: str
    session: Unread = field(default_factory=Unread)


@strawberry.type
class Query:
    @strawberry.field
    def thing(self, info: strawberry.Info[Visit, None], id: UUID | None = None) -> Thing:
        return Thing(id=id or UUID(info.context.id))

    @strawberry.field
    def echo(self, text: str = "", number: int = 0, json: JSON | None = None) -> str:
        return f"{text}{number or ''}"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def rename(self, name: str) -> str:
        return name


SCHEMA = strawberry.Schema(Query, Mutation)


def config(**given: Any) -> Config:
    """A configuration that depends on nothing outside of the test."""
    return Config.model_validate({"secret": "s" * 40, **given})


def app(current: Config) -> FastAPI:
    """The edge as it is configured."""
    shown = not current.is_production
    documents = Documents(SCHEMA._schema, current.limits, introspection=shown, suggestions=shown)
    page = PAGE if shown else None
    answers = Answers(SCHEMA, documents, Authenticator(current), _visit, shown)
    router = Router(SCHEMA, answers, page)
    application = FastAPI(openapi_url=None)
    application.include_router(router)
    application.add_exception_handler(HTTPException, errors.answer_http)
    limits = current.limits
    application.add_middleware(
        BodyLimit, limit=limits.body, seconds=limits.body_seconds, past="/uploads/"
    )
    return application


@asynccontextmanager
async def client(current: Config, token: str | None = None) -> AsyncIterator[AsyncClient]:
    """A client of the edge, with a valid token if none is given."""
    bearer = auth.mint(current, str(uuid4())) if token is None else token
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    transport = ASGITransport(app(current))
    async with AsyncClient(transport=transport, base_url="http://edge", headers=headers) as opened:
        yield opened


async def ask(query: str, current: Config | None = None, **variables: Any) -> Response:
    """The answer to a query, asked by somebody with a valid token."""
    async with client(current or config()) as edge:
        return await edge.post("/graphql", json={"query": query, "variables": variables})


def codes(response: Response) -> list[str]:
    """The codes of all errors in an answer."""
    return [error["extensions"]["code"] for error in response.json().get("errors", [])]


async def _visit(viewer: Viewer) -> Visit:
    return Visit(viewer.id)
