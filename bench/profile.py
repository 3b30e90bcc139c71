"""Where does the time of a gallery page go? The gateway's own stack, a thousand times a second.

`python -m bench.profile`: the application answers Q1 in this process, sixteen requests at a time,
as its server would call it, and a timer of the processor's time looks which function runs.
"""

import asyncio
import signal
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import orjson
import uvloop
from graphql import parse

from bench import gateway, reference, report
from bench.peers import asked
from engine.merging import Merging
from engine.planning import Planner
from schema import root
from server import app
from server.config import Config
from server.database import Urls

EVERY = 0.001
CALLERS = 16
SECONDS = 20.0
SHOWN = 25
TRIES = 20

_ROOT = Path(__file__).parent.parent
_ROOMS = ("server", "engine", "schema", "resolvers", "db")
_QUERIES = {"Q1": reference.GALLERY, "Q2": reference.SHOTS, "Q3": reference.ONE}
_OTHERS = ("starlette", "psycopg", "graphql", "strawberry", "asyncio")


class Samples:
    """What ran whenever the timer rang: the function itself, and the rooms it was called from."""

    def __init__(self) -> None:
        self.functions: Counter[str] = Counter()
        self.rooms: Counter[str] = Counter()

    def take(self, _: int, frame: FrameType | None) -> None:
        """Note what runs."""
        if frame is None:
            return
        self.functions[_named(frame)] += 1
        while frame is not None and (room := _room(frame)) is None:
            frame = frame.f_back
        self.rooms[room or "the loop"] += 1

    def table(self) -> str:
        """Shares of the processor's time, by room and by function."""
        total = self.rooms.total()
        rooms = (f"| {n} | {100 * c / total:.1f} |" for n, c in self.rooms.most_common())
        names = (f"| `{n}` | {100 * c / total:.1f} |" for n, c in self.functions.most_common(SHOWN))
        return "\n".join(
            (
                f"{total} samples, by the room that was at work, what it called included:",
                "",
                *("| room | % |", "|---|--:|", *rooms),
                "",
                f"and by function, the first {SHOWN}; C code counts for whoever called it:",
                "",
                *("| function | % |", "|---|--:|", *names),
            )
        )


async def measure(url: str, token: str) -> Samples:
    """Ask for some seconds."""
    settings = {"secret": gateway.SECRET, "jwt_secret": gateway.SECRET}
    config = Config.model_validate({**settings, "environment": "production"})
    application = app.create(config, Urls(url, None))
    bodies = [asked.as_ours("gallery", key) for key in asked.IDS["gallery"]]
    samples = Samples()
    async with application.router.lifespan_context(application):
        await _asked(application, bodies, token, 2.0)
        signal.signal(signal.SIGPROF, samples.take)
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
        await _asked(application, bodies, token, SECONDS)
        signal.setitimer(signal.ITIMER_PROF, 0)
    return samples


def planned() -> str:
    """How long it takes to plan each reference query, at best."""
    schema, found = root.build()._schema, []
    for name, query in _QUERIES.items():
        operation: Any = parse(query).definitions[0]
        begun = [time.perf_counter()]
        for _ in range(TRIES):
            Planner(Merging(schema, {}, {})).plan(operation)
            begun.append(time.perf_counter())
        found.append(f"{1000 * min(b - a for a, b in pairwise(begun)):.1f} ms for {name}")
    return ", ".join(found)


async def _asked(application: Any, bodies: list[bytes], token: str, seconds: float) -> None:
    until = asyncio.get_running_loop().time() + seconds

    async def call(number: int) -> None:
        while asyncio.get_running_loop().time() < until:
            number += 1
            await _one(application, bodies[number % len(bodies)], token)

    await asyncio.gather(*map(call, range(CALLERS)))


async def _one(application: Any, body: bytes, token: str) -> None:
    headers = (("content-type", "application/json"), ("authorization", f"Bearer {token}"))
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }

    parts = iter([{"type": "http.request", "body": body}])

    async def receive() -> dict[str, Any]:
        """The body, and then nothing until the request is over."""
        for part in parts:
            return part
        return await asyncio.Future()

    async def send(message: dict[str, Any]) -> None:
        if "body" in message and b"errors" in message["body"][:9]:
            raise RuntimeError(orjson.loads(message["body"]))

    await application(scope, receive, send)


def _named(frame: FrameType) -> str:
    path = Path(frame.f_code.co_filename)
    place = path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else Path(*path.parts[-2:])
    place = Path(*place.parts[-3:])
    return f"{place}: {frame.f_code.co_qualname}"


def _room(frame: FrameType) -> str | None:
    name = str(frame.f_globals.get("__name__", ""))
    top = name.partition(".")[0]
    if frame.f_code.co_filename == "<plan>":
        return "engine: completion"
    return name if top in _ROOMS else top if top in _OTHERS else None


def main() -> None:
    """Profile on the large database."""
    with gateway.placed() as place:
        gateway.pin(place.core)
        token = gateway.free_address().token
        samples = uvloop.run(measure(place.url, token))
    text = f"{samples.table()}\n\nPlans are made once, in {planned()}."
    print(text)
    report.keep(text, "profile")


if __name__ == "__main__":
    main()
