"""The hub: everybody hears everything in order, whatever happens to others or to the database."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio

from db.errors import NotFound, Problem, Unavailable
from db.events import Change, Event, Kind, Op
from resolvers.events import Wanted
from server import groups, hub
from server.auth import Viewer
from tests.hubs import PATIENCE_SECONDS, Heard, Stage, gone, place, shown

READY, CHANGE, RESYNC = Kind.READY, Kind.CHANGE, Kind.RESYNC


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    made = Stage()
    async with made.tail.running():
        yield made


class Gate:
    """A rendering that waits until it is let through."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.opened = asyncio.Event()

    async def render(self, viewer: Viewer, event: Event) -> str:
        """Wait, and answer."""
        self.entered.set()
        await self.opened.wait()
        return await shown(viewer, event)


async def test_who_catches_up_with_a_busy_group_hears_all_in_order(stage: Stage) -> None:
    gate = Gate()
    _, first = stage.follow(gate.render)
    await gate.entered.wait()
    for _ in range(4):
        stage.commit()
    # The group waits with all of them when somebody comes who has further to go.
    await _settled(stage, 4)
    _, late = stage.follow(gate.render, after=2)
    stage.commit()
    await _settled(stage, 5)
    gate.opened.set()
    assert await first.next(6) == [(READY, 0), *((CHANGE, tick) for tick in range(1, 6))]
    assert await late.next(4) == [(READY, 2), (CHANGE, 3), (CHANGE, 4), (CHANGE, 5)]


async def test_an_event_is_executed_once_for_all_who_are_told_it(stage: Stage) -> None:
    executed: list[int] = []

    async def render(viewer: Viewer, event: Event) -> str:
        executed.append(event.place.tick)
        return await shown(viewer, event)

    listeners = [stage.follow(render)[1] for _ in range(5)]
    stage.commit()
    for heard in listeners:
        assert await heard.next(2) == [(READY, 0), (CHANGE, 1)]
    assert executed == [0, 1]


async def test_while_the_database_is_away_events_wait(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "_PATIENCE_SECONDS", (0, 0))
    tries: list[int] = []

    async def render(viewer: Viewer, event: Event) -> str:
        tries.append(event.place.tick)
        if event.kind is CHANGE and tries.count(event.place.tick) < 4:
            raise Unavailable("away")
        return await shown(viewer, event)

    _, heard = stage.follow(render)
    stage.commit()
    stage.commit()
    assert await heard.next(3) == [(READY, 0), (CHANGE, 1), (CHANGE, 2)]
    assert heard.texts == ["READY 0", "CHANGE 1", "CHANGE 2"]


async def test_who_leaves_while_the_database_is_away_leaves_nothing_behind(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "_PATIENCE_SECONDS", (0, 0))
    tried = asyncio.Event()

    async def render(_viewer: Viewer, _event: Event) -> str:
        tried.set()
        raise Unavailable("away")

    subscriber, heard = stage.follow(render)
    await tried.wait()
    subscriber.leave()
    work = subscriber.group.work
    assert work is not None
    await asyncio.wait_for(work, PATIENCE_SECONDS)
    assert not stage.hub.groups
    assert not stage.hub.subscribers
    assert heard.told.empty()


async def test_an_event_that_cannot_be_executed_is_told_as_an_error(stage: Stage) -> None:
    async def render(viewer: Viewer, event: Event) -> str:
        return await shown(viewer, event) if event.place.tick != 1 else str(1 / 0)

    _, heard = stage.follow(render)
    stage.commit()
    stage.commit()
    assert await heard.next(3) == [(READY, 0), (CHANGE, 1), (CHANGE, 2)]
    assert heard.texts[1].startswith('{"data":null,"errors":[')
    assert "INTERNAL" in heard.texts[1]
    assert "division" not in heard.texts[1]


async def test_a_listener_that_fails_keeps_nothing_from_others(stage: Stage) -> None:
    class Failing(Heard):
        def tell(self, text: str, event: Event) -> None:
            raise ZeroDivisionError

    subscriber, _ = stage.follow(shown)
    subscriber._listener = Failing()
    _, heard = stage.follow(shown)
    stage.commit()
    assert await heard.next(2) == [(READY, 0), (CHANGE, 1)]
    assert subscriber.is_over


async def test_who_is_removed_is_cut_off_at_that_tick_and_nobody_else(stage: Stage) -> None:
    guest = str(uuid4())
    _, removed = stage.follow(shown, viewer=guest)
    _, staying = stage.follow(shown)
    stage.commit()
    stage.commit(gone(guest))
    stage.commit()
    assert await staying.next(4) == [(READY, 0), (CHANGE, 1), (CHANGE, 2), (CHANGE, 3)]
    assert isinstance(await removed.ended.get(), NotFound)
    assert await removed.next(2) == [(READY, 0), (CHANGE, 1)]
    assert removed.told.empty()


async def test_a_removal_from_before_a_restore_was_not_seen_after_it(stage: Stage) -> None:
    guest = str(uuid4())
    _, removed = stage.follow(shown, viewer=guest, seen=place(50, str(uuid4())))
    stage.commit(gone(guest))
    assert isinstance(await asyncio.wait_for(removed.ended.get(), PATIENCE_SECONDS), NotFound)


@pytest.mark.parametrize("kind", [Kind.BULK, Kind.RESYNC])
async def test_where_too_much_happened_to_be_told_each_viewer_is_looked_at(
    kind: Kind, stage: Stage
) -> None:
    guest = str(uuid4())

    async def render(viewer: Viewer, event: Event) -> str | None:
        return None if viewer.id == guest and event.place.tick else await shown(viewer, event)

    wanted = Wanted(tables=frozenset(("shots",)))
    _, removed = stage.follow(render, viewer=guest, wanted=wanted)
    _, staying = stage.follow(render, wanted=wanted)
    tables = ("project_members",) if kind is Kind.BULK else ()
    stage.commit(kind=kind, tables=tables)
    assert isinstance(await asyncio.wait_for(removed.ended.get(), PATIENCE_SECONDS), NotFound)
    told = Kind.RESYNC if kind is Kind.RESYNC else Kind.HEARTBEAT
    assert await staying.next(2) == [(READY, 0), (told, 1)]


async def test_after_a_gap_nothing_is_told_before_it_is_said(stage: Stage) -> None:
    gate = Gate()
    subscriber, heard = stage.follow(gate.render)
    await gate.entered.wait()
    stage.commit()
    await _settled(stage, 1)
    subscriber.miss()
    stage.commit()
    await _settled(stage, 2)
    subscriber.resync()
    stage.commit()
    await _settled(stage, 3)
    gate.opened.set()
    assert await heard.next(2) == [(RESYNC, 2), (CHANGE, 3)]


async def test_more_than_may_wait_is_told_as_a_gap(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "MOST_WAITING", 5)
    gate = Gate()
    _, heard = stage.follow(gate.render)
    await gate.entered.wait()
    for tick in range(20):
        stage.commit()
        await _settled(stage, tick + 1)
    gate.opened.set()
    told = await heard.next(2)
    while told[-1] != (CHANGE, 20):
        told += await heard.next()
    assert [kind for kind, _ in told][:2] == [RESYNC, CHANGE]
    ticks = [tick for _, tick in told]
    assert ticks == list(range(ticks[0], 21))


async def test_who_hears_nothing_hears_a_heartbeat_with_their_place(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 0.02)
    wanted = Wanted(tables=frozenset(("runs",)))
    _, heard = stage.follow(shown, wanted=wanted)
    stage.commit(Change("shots", str(uuid4()), Op.INSERT, ()))
    await _settled(stage, 1)
    told = await heard.next(2)
    while told[-1] != (Kind.HEARTBEAT, 1):
        told += await heard.next()
    assert told[0] == (READY, 0)
    assert {kind for kind, _ in told[1:]} == {Kind.HEARTBEAT}


async def test_a_heartbeat_that_fails_is_not_the_last(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 0.02)
    beats: asyncio.Queue[None] = asyncio.Queue()

    def beat(_: object) -> None:
        beats.put_nowait(None)
        # The first one comes with whoever follows, the others by the clock.
        if asyncio.current_task() is None:
            raise ZeroDivisionError

    monkeypatch.setattr(hub.Subscriber, "beat", beat)
    stage.follow(shown)
    async with asyncio.timeout(PATIENCE_SECONDS):
        for _ in range(4):
            await beats.get()


async def test_who_fails_at_the_end_keeps_nobody_from_hearing(
    stage: Stage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 3600)
    leaving, failing = stage.follow(shown, viewer="Ada")

    def fail(problem: Problem) -> None:
        raise ZeroDivisionError

    failing.end = fail  # type: ignore[method-assign]
    _, heard = stage.follow(shown)
    stage.commit(gone("Ada"))
    assert await heard.next(2) == [(READY, 0), (CHANGE, 1)]
    assert leaving.is_over
    assert "ZeroDivisionError" in caplog.text


async def test_settling_says_to_everybody_where_they_are(stage: Stage) -> None:
    _, one = stage.follow(shown)
    _, two = stage.follow(shown, after=0)
    stage.commit()
    await _settled(stage, 1)
    await stage.hub.settle()
    for heard in (one, two):
        assert await heard.next(3) == [(READY, 0), (CHANGE, 1), (Kind.HEARTBEAT, 1)]


async def _settled(stage: Stage, tick: int) -> None:
    """Wait until the tail has passed everybody what came until this tick."""
    told = stage.tail.events(place(tick - 1))
    await asyncio.wait_for(anext(told), PATIENCE_SECONDS)
    await told.aclose()
