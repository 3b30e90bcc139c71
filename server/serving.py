"""Serving: the gateway on a socket, until somebody stops it."""

import gc
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

import uvicorn
from rich.console import Console

from server import app
from server.config import BadConfig, Config
from server.database import Urls
from server.websockets import WebSockets

_GRACE_SECONDS = 10
# Subscriptions hear something more often than that: this finds those who left without a word.
_PING_SECONDS = 30
# An answer is a thousand small objects that live for a millisecond and know no cycles.
_COLLECTED_AFTER = 50_000

Greet = Callable[[str], None]


def run(config: Config, urls: Urls, listening: socket.socket, greet: Greet | None = None) -> None:
    """Answer until SIGINT or SIGTERM; requests under way are answered first."""
    host, port = listening.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    gateway = app.create(config.model_copy(update={"port": port}), urls)
    settings = uvicorn.Config(
        gateway,
        loop="uvloop",
        http="httptools",
        ws=WebSockets,
        ws_max_size=config.limits.message,
        ws_ping_interval=_PING_SECONDS,
        ws_per_message_deflate=False,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    with suppress(KeyboardInterrupt):
        _Server(settings, lambda: (greet or _greet)(address), gateway.drain).run([listening])


def bound(config: Config) -> socket.socket:
    """The socket to listen on, taken before anything that lasts longer is begun."""
    try:
        family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
        return socket.create_server((config.host, config.port), family=family, backlog=2048)
    except OSError as error:
        place = f"{config.host}, port {config.port}"
        raise BadConfig(f"DAILIES_PORT: cannot listen on {place}: {error.strerror}.") from error


class _Server(uvicorn.Server):
    """Tells when it has begun to answer."""

    def __init__(
        self,
        settings: uvicorn.Config,
        begun: Callable[[], None],
        drain: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(settings)
        self._begun = begun
        self._drain = drain

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            # The schema is large and stays for good: garbage collections can pass it by.
            gc.collect()
            gc.freeze()
            gc.set_threshold(_COLLECTED_AFTER, 20, 50)
            self._begun()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listening in self.servers:
            listening.close()
        await self._drain()
        await super().shutdown(sockets)


def _greet(address: str) -> None:
    Console().print(f"Dailies answers at {address}/graphql", highlight=False)
