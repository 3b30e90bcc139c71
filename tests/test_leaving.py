"""Leaving: whoever has left is told nothing, however far their operation had come by then."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from resolvers.events import Wanted, Watch
from server import app
from server.auth import Viewer
from server.bodies import Asked
from server.config import Config
from server.database import Urls
from server.hub import Subscription
from server.limits import Limits
from server.operations import Desk, Operations
from tests.hubs import Stage, place, shown

VIEWER = Viewer("somebody", {})
ASKED = Asked("subscription { viewerChanges { kind } }")


class Opening:
    """Opens one subscription when it is let; a cancellation meanwhile is lost or not.

    Python 3.11 loses one that comes together with what is waited for.
    """

    def __init__(self, loses: bool) -> None:
        self.begun = asyncio.Event()
        self.ended = asyncio.Event()
        self._loses = loses

    async def open(self, *_: Any) -> Subscription:
        """Wait until it is cancelled."""
        self.begun.set()
        try:
            with suppress(*[asyncio.CancelledError] * self._loses):
                await asyncio.Event().wait()
        finally:
            self.ended.set()
        return Subscription("key", VIEWER, Watch("", place(0), place(0), False, Wanted()), shown)


class Left:
    """A connection on which nobody listens any more, and what is told there all the same."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def next(self, *told: Any) -> None:
        """Remember it."""
        self.told.append(told)

    error = complete = next


@pytest.mark.parametrize("loses", [False, True])
async def test_a_subscription_that_is_stopped_while_it_is_opened_is_never_followed(
    tmp_path: Path, loses: bool
) -> None:
    stage, opening = Stage(), Opening(loses)
    answers = app.create(Config(data_folder=tmp_path), Urls("postgresql://nowhere", None)).answers
    desk = Desk(answers, opening, stage.hub, Limits())  # type: ignore[arg-type]
    left = Left()
    operations = Operations(left, desk)
    operations.begin("one", VIEWER, ASKED)
    await opening.begun.wait()
    operations.stop("one")
    await opening.ended.wait()
    await asyncio.sleep(0)
    assert (stage.hub.subscribers, left.told) == (set(), [])
