"""The application: every part put together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry import Schema

from db.cursors import Cursors
from db.session import Database
from engine.executor import Executor
from media import tickets
from resolvers.context import Context
from schema import root
from server import errors, health, lane, media, metrics, reserved, uploads
from server.answers import Answers, OpenContext
from server.auth import Authenticator, Viewer
from server.config import Config
from server.database import Urls
from server.documents import Documents
from server.lane import Lane
from server.links import Links
from server.live import Live
from server.operations import Desk
from server.presence import Presence
from server.receiving import BodyLimit
from server.rendering import Renderer
from server.reserved import Reserved
from server.router import Router
from server.sizes import Sizes
from server.sockets import Sockets
from server.streams import EventStreams
from server.subscriptions import Subscriptions
from server.upkeep import Keeper

_GRAPHIQL = Path(__file__).parent / "graphiql"


class Gateway(FastAPI):
    """FastAPI, with a lane past all of it for what is asked most."""

    answers: Answers
    live: Live
    sockets: Sockets
    streams: EventStreams
    lane: ASGIApp
    shared_lane: ASGIApp

    async def drain(self) -> None:
        """Let those who follow know where to go on elsewhere, and close what they follow on."""
        await self.live.hub.settle()
        await asyncio.gather(self.sockets.drain(), self.streams.drain())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, by the lane where it may take that."""
        if scope["type"] == "websocket" and scope["path"] == lane.PATH:
            await self.sockets(scope, receive, send)
        elif not lane.serves(scope):
            await super().__call__(scope, receive, send)
        elif lane.is_shared(scope):
            await self.shared_lane(scope, receive, send)
        else:
            await self.lane(scope, receive, send)


def create(config: Config, urls: Urls) -> Gateway:
    """The gateway, answering from the database at these URLs."""
    database = Database(
        urls.gateway,
        Cursors(config.key("cursors")),
        config.pool_size,
        round(config.statement_timeout * 1000),
    )
    links = Links(config)
    keeper = Keeper(urls.gateway, links, config)

    @asynccontextmanager
    async def connected(_: FastAPI) -> AsyncIterator[None]:
        await database.open()
        try:
            with keeper.running():
                async with app.live.running():
                    yield
        finally:
            await database.close()

    async def open_context(viewer: Viewer) -> Context:
        await database.welcome(viewer.claims)
        return Context(viewer.id, database.session(viewer.claims), links, app.live.waiting)

    app = Gateway(
        title="Dailies", lifespan=connected, openapi_url=None, docs_url=None, redoc_url=None
    )
    app.live = Live(database, urls.gateway, config)
    schema = root.build(suggestions=not config.is_production)
    app.answers = _answers(schema, config, open_context)
    limits = config.limits
    renderer = Renderer(schema, open_context, not config.is_production, app.answers.executor)
    subscriptions = Subscriptions(schema, database.cursors, open_context, renderer)
    desk = Desk(app.answers, subscriptions, app.live.hub, limits)
    presence = Presence(limits.sockets)
    app.sockets = Sockets(desk, presence)
    app.streams = EventStreams(desk, presence)
    app.routes.append(Reserved(app.answers.authenticator, app.streams).route())
    app.answers.open_stream = app.streams.own
    app.lane = Lane(app.answers, limits)
    app.shared_lane = CORSMiddleware(app.lane, **_shared(config))
    page = None if config.is_production else _GRAPHIQL / "index.html"
    app.include_router(Router(schema, app.answers, page))
    app.include_router(health.routes(database.reach))
    app.routes.append(media.route(links.folder, links.verify))
    app.routes.append(Sizes(links.sized_folder, links.keeper_of).route(links.verify))
    if links.store is None:
        app.routes.append(uploads.route(links.disk, links.tickets))
    if config.has_metrics:
        app.routes.append(metrics.route(_gauges(app, database)))
    if not config.is_production:
        app.mount("/graphiql", StaticFiles(directory=_GRAPHIQL))
    app.add_exception_handler(Exception, errors.answer_http)
    app.add_exception_handler(HTTPException, errors.answer_http)
    app.add_middleware(
        BodyLimit, limit=limits.body, seconds=limits.body_seconds, past=tickets.PREFIX
    )
    app.add_middleware(CORSMiddleware, **_shared(config))
    return app


def _gauges(app: Gateway, database: Database) -> dict[str, tuple[str, metrics.Look]]:
    hub, tail = app.live.hub, app.live.tail
    return {
        "sockets": ("WebSockets that are open.", lambda: app.sockets.number),
        "event_streams": ("Event streams that are open.", lambda: app.streams.number),
        "subscribers": ("Subscriptions that are told.", lambda: len(hub.subscribers)),
        "groups": ("Subscriptions that differ, each executed once.", lambda: len(hub.groups)),
        "followers": ("Subscriptions and queries that wait.", lambda: tail.followers),
        "connections": ("Connections to PostgreSQL in use.", lambda: database.in_use),
    }


def _answers(schema: Schema, config: Config, open_context: OpenContext) -> Answers:
    open_to_all = not config.is_production
    documents = Documents(
        schema._schema, config.limits, introspection=open_to_all, suggestions=open_to_all
    )
    executor = Executor(schema) if config.engine else None
    return Answers(schema, documents, Authenticator(config), open_context, open_to_all, executor)


def _shared(config: Config) -> dict[str, Any]:
    """Which pages of other origins may call: none unless they are named."""
    return {
        "allow_origins": config.cors_origins,
        "allow_origin_regex": config.cors_origin_pattern,
        "allow_methods": ["GET", "POST", "PUT", "DELETE", "OPTIONS"],
        "allow_headers": ["authorization", "content-type", "last-event-id", reserved.TOKEN],
        "max_age": 3600,
    }
