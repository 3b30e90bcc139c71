"""Steps of batch functions: what they say is received in their order, however often they ask."""

from collections.abc import Callable, Mapping
from inspect import CORO_CLOSED, getcoroutinestate
from typing import Any

import pytest

from engine.stepping import Stepping, stepped


class Echo:
    """A session whose statements say their own names; `faulty` ones fail their flight."""

    def __init__(self, faulty: str | None = None) -> None:
        self.flights: list[list[str]] = []
        self._faulty = faulty

    async def fetch_all(
        self, asked: list[tuple[str, dict[str, Any]]], last: bool, arrived: Callable[[str], object]
    ) -> None:
        """Tell one after another."""
        self.flights.append([statement for statement, _ in asked])
        for statement, _ in asked:
            if statement == self._faulty:
                raise ZeroDivisionError
            arrived(statement)


async def batch(session: Any, *statements: str) -> Mapping[str, str]:
    """Ask one statement after another, and say all that they said."""
    return {"said": "".join([await session.fetch(statement) for statement in statements])}


async def run(echo: Echo, *batches: str) -> list[str]:
    """What is received of batches, each of which asks its letters in turn."""
    received: list[str] = []
    calls = [batch(Stepping(echo), *letters) for letters in batches]
    await stepped(calls, [lambda said: received.append(said["said"])] * len(calls), echo)
    return received


async def test_all_that_is_asked_at_the_same_time_flies_together() -> None:
    echo = Echo()

    assert await run(echo, "ab", "c", "", "def") == ["ab", "c", "", "def"]

    assert echo.flights == [["a", "c", "d"], ["b", "e"], ["f"]]


async def test_one_that_asks_again_keeps_its_turn() -> None:
    assert await run(Echo(), "abc", "d", "ef", "g") == ["abc", "d", "ef", "g"]


async def test_whoever_asks_nothing_flies_nowhere() -> None:
    echo = Echo()

    assert await run(echo, "", "") == ["", ""]

    assert echo.flights == []


async def test_what_receiving_comes_to_is_raised_once_the_flight_is_over() -> None:
    echo, received = Echo(), list[str]()

    def receive(said: Mapping[str, str]) -> None:
        received.append(said["said"])
        raise ValueError(said["said"])

    calls = [batch(Stepping(echo), letter) for letter in "ab"]
    with pytest.raises(ValueError, match="a"):
        await stepped(calls, [receive, receive], echo)

    assert received == ["a"]
    assert echo.flights == [["a", "b"]]


async def test_nothing_goes_on_when_a_flight_fails() -> None:
    echo, received = Echo(faulty="b"), list[str]()
    calls = [batch(Stepping(echo), letter) for letter in "abc"]

    with pytest.raises(ZeroDivisionError):
        await stepped(calls, [lambda said: received.append(said["said"])] * 3, echo)

    assert received == ["a"]
    assert {getcoroutinestate(call) for call in calls} == {CORO_CLOSED}
