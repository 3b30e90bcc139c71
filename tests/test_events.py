"""Places in the feed: cursors that lead on without a gap, or say that all is to be loaded again."""

import asyncio
from uuid import uuid4

import pytest

from db import events
from db.cursors import Cursors
from db.events import Event, Kind, Op, Place
from db.feed import MOST_TICKS, Feed
from tests.asking import Asking
from tests.following import told
from tests.studio import Studio

CURSORS = """
query ($id: ID!) {
  viewer { id cursor }
  project(id: $id) { cursor runs { totalCount { value } } }
}
"""
LIST = "{ viewer { projects(first: 100) { nodes { id cursor } } } }"


@pytest.fixture
def cursors(asking: Asking) -> Cursors:
    return asking.database.cursors


@pytest.fixture
def user(studio: Studio) -> str:
    return studio.user()


@pytest.fixture
def project(studio: Studio, user: str) -> str:
    return studio.project(user)


async def test_a_cursor_leads_to_just_what_the_answer_did_not_show(
    asking: Asking, studio: Studio, feed: Feed, cursors: Cursors, user: str, project: str
) -> None:
    studio.insert("runs", project_id=project)
    answer = await asking(CURSORS, user, id=project)
    assert answer["project"]["runs"]["totalCount"]["value"] == 1
    late = studio.insert("runs", project_id=project)
    place = _opened(cursors, project, answer["project"]["cursor"])
    (event,) = (await feed.after([place]))[place]
    assert told(event) == {("runs", late, "INSERT")}


async def test_a_cursor_is_as_old_as_the_answer_that_it_comes_with(
    asking: Asking, studio: Studio, feed: Feed, user: str, project: str
) -> None:
    was = (await feed.now([project]))[project]
    async with asyncio.timeout(10):
        session = asking.database.session({"sub": user, "role": "authenticated"})
        await events.places(session, [user])
        studio.shot(project)
        found = await events.places(session, [project])
        await session.end()
    assert found[project] == was
    assert (await feed.now([project]))[project].tick == was.tick + 1


async def test_the_viewers_cursor_is_of_what_is_theirs_alone(
    asking: Asking, studio: Studio, feed: Feed, cursors: Cursors, user: str, project: str
) -> None:
    answer = await asking(CURSORS, user, id=project)
    studio.insert("runs", project_id=project)
    studio.owner.execute("update users set name = 'Dawn' where id = %s", (user,))
    place = _opened(cursors, user, answer["viewer"]["cursor"])
    (event,) = (await feed.after([place]))[place]
    assert told(event) == {("users", user, "UPDATE")}


async def test_a_cursor_stands_still_while_nothing_changes(
    asking: Asking, user: str, project: str
) -> None:
    first, second = [(await asking(CURSORS, user, id=project)) for _ in range(2)]
    assert first["project"]["cursor"] == second["project"]["cursor"]
    assert first["viewer"]["cursor"] == second["viewer"]["cursor"]


async def test_cursors_of_many_projects_cost_one_statement(
    asking: Asking, studio: Studio, feed: Feed, cursors: Cursors, user: str
) -> None:
    mine = [studio.project(user) for _ in range(3)]
    answer = await asking(LIST, user)
    nodes = answer["viewer"]["projects"]["nodes"]
    assert {node["id"] for node in nodes} == set(mine)
    now = await feed.now(mine)
    assert all(_opened(cursors, n["id"], n["cursor"]) == now[n["id"]] for n in nodes)
    assert len([text for text in answer.statements if "visible_clocks" in text]) == 1


async def test_nobody_learns_where_the_feed_of_others_stands(
    asking: Asking, studio: Studio, user: str, project: str
) -> None:
    stranger = studio.user()
    session = asking.database.session({"sub": stranger, "role": "authenticated"})
    found = await events.cursor(session, [project, user, stranger], ("cursor",))
    await session.end()
    assert set(found) == {stranger}


async def test_a_scope_that_was_never_changed_is_followed_from_its_first_tick(
    studio: Studio, feed: Feed
) -> None:
    user = str(uuid4())
    place = (await feed.now([user]))[user]
    assert place.tick == 0
    assert await feed.after([place]) == {}
    assert await feed.delta(place) == events.Delta(place, ())
    studio.user(id=user)
    (event,) = (await feed.after([place]))[place]
    assert event.place.tick == 1


async def test_scopes_are_read_together_each_from_its_own_place(
    studio: Studio, feed: Feed, user: str
) -> None:
    mine = [studio.project(user) for _ in range(3)]
    places = await feed.now(mine)
    runs = [[studio.insert("runs", project_id=one) for _ in range(n)] for n, one in enumerate(mine)]
    found = await feed.after(list(places.values()))
    assert [[told(event) for event in found.get(places[one], ())] for one in mine] == [
        [{("runs", run, "INSERT")} for run in made] for made in runs
    ]


async def test_a_long_absence_is_told_in_parts(
    studio: Studio, feed: Feed, user: str, project: str
) -> None:
    place = (await feed.now([project]))[project]
    for _ in range(MOST_TICKS + 1):
        studio.insert("runs", project_id=project)
    first = (await feed.after([place]))[place]
    rest = (await feed.after([first[-1].place]))[first[-1].place]
    assert [event.place.tick for event in (*first, *rest)] == list(
        range(place.tick + 1, place.tick + MOST_TICKS + 2)
    )
    assert len(rest) == 1


async def test_a_place_of_another_epoch_ahead_or_too_old_says_that_all_is_to_be_loaded_again(
    studio: Studio, feed: Feed, project: str
) -> None:
    for _ in range(3):
        studio.insert("runs", project_id=project)
    now = (await feed.now([project]))[project]
    studio.owner.execute("update clocks set min_tick = 2 where scope = %s", (project,))
    resync = [Event(now, Kind.RESYNC)]
    for place in (
        Place(str(uuid4()), project, now.tick),
        Place(now.epoch, project, now.tick + 1),
        Place(now.epoch, project, 1),
        Place(now.epoch, project, -1),
    ):
        assert (await feed.after([place]))[place] == resync
        assert await feed.delta(place) is None
    kept = (await feed.after([Place(now.epoch, project, 2)]))[Place(now.epoch, project, 2)]
    assert [event.place.tick for event in kept] == list(range(3, now.tick + 1))


@pytest.mark.parametrize("lost", ["ticks", "changes"])
async def test_a_gap_is_never_silent(studio: Studio, feed: Feed, project: str, lost: str) -> None:
    place = (await feed.now([project]))[project]
    for _ in range(3):
        studio.insert("runs", project_id=project)
    studio.owner.execute(
        f"delete from {lost} using ticks t where {lost}.tx = t.tx and {lost}.scope = %s"
        " and t.scope = %s and t.tick = %s",
        (project, project, place.tick + 2),
    )
    (event,) = (await feed.after([place]))[place]
    assert event.kind is Kind.RESYNC


def test_a_cursor_of_another_scope_or_none_at_all_leads_nowhere(cursors: Cursors) -> None:
    place = Place(str(uuid4()), str(uuid4()), 7)
    sealed = place.sealed(cursors)
    assert events.opened(cursors, place.scope, sealed) == place
    assert events.opened(cursors, str(uuid4()), sealed) is None
    assert events.opened(Cursors(b"another"), place.scope, sealed) is None
    for nonsense in ("", "nonsense", "ä", cursors.seal(b"list", ("a", "b", "1"))):
        assert events.opened(cursors, place.scope, nonsense) is None


async def test_a_delta_tells_each_row_once_by_the_last_that_became_of_it(
    studio: Studio, feed: Feed, project: str
) -> None:
    place = (await feed.now([project]))[project]
    kept, gone = (studio.insert("runs", project_id=project) for _ in range(2))
    for name in ("Dawn", "Dusk"):
        studio.owner.execute("update runs set name = %s where id = %s", (name, kept))
    studio.owner.execute("delete from runs where id = %s", (gone,))
    delta = await feed.delta(place)
    assert delta is not None
    assert [(row.id, row.tick - place.tick, row.op) for row in delta.rows] == [
        (kept, 4, Op.UPDATE),
        (gone, 5, Op.DELETE),
    ]
    assert delta.place == (await feed.now([project]))[project]


async def test_readers_who_come_while_others_write_see_whole_transactions(
    studio: Studio, feed: Feed, project: str
) -> None:
    place = (await feed.now([project]))[project]

    def write() -> None:
        for _ in range(20):
            with studio.owner.transaction():
                for _ in range(3):
                    studio.insert("runs", project_id=project)

    writing = asyncio.create_task(asyncio.to_thread(write))
    seen: list[Event] = []
    while len(seen) < 20:
        for found in (await feed.after([place])).values():
            seen += found
            place = found[-1].place
    await writing
    assert {len(event.changes) for event in seen} == {3}


def _opened(cursors: Cursors, scope: str, cursor: str) -> Place:
    place = events.opened(cursors, scope, cursor)
    assert place is not None
    return place
