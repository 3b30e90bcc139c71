"""Serving: the gateway on a socket, until somebody stops it."""

import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from rich.console import Console

from server import app
from server.config import BadConfig, Config
from server.database import Urls

_GRACE_SECONDS = 10

Greet = Callable[[str], None]


def run(config: Config, urls: Urls, greet: Greet | None = None) -> None:
    """Answer until SIGINT or SIGTERM; requests under way are answered first."""
    with _bound(config) as listening:
        address = _address(listening)
        settings = uvicorn.Config(
            app.create(config, urls),
            loop="uvloop",
            http="httptools",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        with suppress(KeyboardInterrupt):
            _Server(settings, lambda: (greet or _greet)(address)).run([listening])


class _Server(uvicorn.Server):
    """Tells when it has begun to answer."""

    def __init__(self, settings: uvicorn.Config, begun: Callable[[], None]) -> None:
        super().__init__(settings)
        self._begun = begun

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._begun()


def _bound(config: Config) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
        return socket.create_server((config.host, config.port), family=family, backlog=2048)
    except OSError as error:
        place = f"{config.host} port {config.port}"
        raise BadConfig(f"DAILIES_PORT: cannot listen on {place}: {error.strerror}.") from error


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _greet(address: str) -> None:
    Console().print(f"Dailies answers at {address}/graphql", highlight=False)
