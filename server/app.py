"""The application: every part put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from db.cursors import Cursors
from db.session import Database
from engine.executor import Executor
from resolvers.context import Context
from schema import root
from server import errors, health, media
from server.auth import Authenticator, Viewer
from server.bodies import BodyLimit
from server.config import Config
from server.database import Urls
from server.documents import Documents, Prepared
from server.links import Links
from server.router import OpenContext, Router
from server.transactions import Transactions

_GRAPHIQL = Path(__file__).parent / "graphiql"


def create(config: Config, urls: Urls) -> FastAPI:
    """The gateway, answering from the database at these URLs."""
    database = Database(
        urls.gateway,
        Cursors(config.key("cursors")),
        config.pool_size,
        round(config.statement_timeout * 1000),
    )
    links = Links(config)

    @asynccontextmanager
    async def connected(_: FastAPI) -> AsyncIterator[None]:
        await database.open()
        try:
            yield
        finally:
            await database.close()

    async def open_context(viewer: Viewer) -> Context:
        await database.welcome(viewer.claims)
        return Context(viewer.id, database.session(viewer.claims), links)

    app = FastAPI(
        title="Dailies", lifespan=connected, openapi_url=None, docs_url=None, redoc_url=None
    )
    router = _graphql(config, open_context)
    app.state.executor = router.executor
    # FastAPI looks for parameters before each call; this route, the same endpoint, has none.
    lane = Route("/graphql", router.run, methods=["POST"])
    app.routes.append(lane)
    app.include_router(router)
    app.include_router(health.routes(database.reach))
    app.routes.append(media.route(links.folder, links.verify))
    if not config.is_production:
        app.mount("/graphiql", StaticFiles(directory=_GRAPHIQL))
    app.add_exception_handler(Exception, errors.answer_http)
    app.add_exception_handler(HTTPException, errors.answer_http)
    app.add_middleware(BodyLimit, limit=config.limits.body, seconds=config.limits.body_seconds)
    app.add_middleware(CORSMiddleware, **_shared(config))
    return app


def _graphql(config: Config, open_context: OpenContext) -> Router:
    open_to_all = not config.is_production
    schema = root.build(Prepared, Transactions, suggestions=open_to_all)
    documents = Documents(
        schema._schema, config.limits, introspection=open_to_all, suggestions=open_to_all
    )
    page = _GRAPHIQL / "index.html" if open_to_all else None
    executor = Executor(schema, (Prepared, Transactions)) if config.engine else None
    return Router(
        schema, documents, Authenticator(config), open_context, page, open_to_all, executor
    )


def _shared(config: Config) -> dict[str, Any]:
    """Which pages of other origins may call: none unless they are named."""
    return {
        "allow_origins": config.cors_origins,
        "allow_origin_regex": config.cors_origin_pattern,
        "allow_methods": ["GET", "POST", "OPTIONS"],
        "allow_headers": ["authorization", "content-type"],
        "max_age": 3600,
    }
