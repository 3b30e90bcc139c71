"""Many writers at once: no place is given twice, nothing is lost, and nobody waits for ever."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import sleep
from typing import Any

import psycopg
import pytest

from tests.studio import Studio
from tests.timeline import Timeline

Connection = psycopg.Connection[Any]
WRITERS = 8


@pytest.fixture
def timeline(studio: Studio) -> Timeline:
    return Timeline(studio)


def together(url: str, write: Callable[[Connection, int], object], writers: int = WRITERS) -> None:
    """Every writer writes on its own connection; all of them start at once; errors are raised."""
    start = Barrier(writers)

    def run(number: int) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("set deadlock_timeout = '100ms'")
            start.wait()
            write(connection, number)

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(run, range(writers)))


@pytest.mark.parametrize(
    "statement",
    [
        "select add_generation_to_shot(%(shot)s, %(generation)s)",
        "select add_generation_at_frame(%(shot)s, %(generation)s, 40)",
        "insert into shot_generations (shot_id, generation_id, position)"
        " values (%(shot)s, %(generation)s, 3)",
    ],
)
def test_additions_to_one_shot_do_not_collide(
    timeline: Timeline, owner_url: str, statement: str
) -> None:
    given = {"shot": timeline.shot, "generation": timeline.generation()}

    def write(connection: Connection, _: int) -> None:
        for _ in range(10):
            connection.execute(statement, given)

    together(owner_url, write)
    frames = timeline.frames()
    assert len(frames) == len(set(frames)) == 10 * WRITERS


def test_one_generation_added_to_many_shots_knows_them_all(
    timeline: Timeline, owner_url: str
) -> None:
    generation = timeline.generation()
    shots = [timeline.studio.shot(timeline.project) for _ in range(WRITERS)]

    def write(connection: Connection, number: int) -> None:
        for _ in range(5):
            call = "select add_generation_to_shot(%s, %s)"
            connection.execute(call, (shots[number], generation))

    together(owner_url, write)
    (row,) = timeline.rows("select shot_data from generations where id = %s", (generation,))
    assert row["shot_data"] == dict.fromkeys(shots, 0)


def test_who_waits_for_a_generation_sees_what_the_other_wrote(
    timeline: Timeline, owner_url: str
) -> None:
    generation, other = timeline.generation(), timeline.studio.shot(timeline.project)
    call = "select add_generation_to_shot(%s, %s)"
    with (
        ThreadPoolExecutor(1) as pool,
        psycopg.connect(owner_url) as second,
        psycopg.connect(owner_url) as first,
    ):
        first.execute(call, (timeline.shot, generation))
        added = pool.submit(second.execute, call, (other, generation))
        wait_until_waiting(timeline, second)
        first.commit()
        added.result()
        second.commit()
    assert wrong_shot_data(timeline) == []


def test_drags_at_once_lose_no_entry_and_keep_the_frames(
    timeline: Timeline, owner_url: str
) -> None:
    entries = timeline.place(*range(0, 120, 10))

    def write(connection: Connection, number: int) -> None:
        chance = random.Random(number)
        for _ in range(15):
            order = chance.sample(entries, 12)
            if number % 2:
                call = "select reorder_entries(%s, %s::uuid[])"
                connection.execute(call, (timeline.shot, order))
            else:
                connection.execute("select swap_entries(%s, %s)", order[:2])

    together(owner_url, write)
    assert timeline.frames() == [*range(0, 120, 10)]
    assert sorted(timeline.order()) == sorted(entries)


def test_statements_over_shots_in_opposite_orders_do_not_deadlock(
    timeline: Timeline, owner_url: str
) -> None:
    shots = [timeline.shot, timeline.studio.shot(timeline.project)]
    generations = [timeline.generation(), timeline.generation()]

    def write(connection: Connection, number: int) -> None:
        step = 1 if number % 2 else -1
        for _ in range(10):
            connection.execute(
                "insert into shot_generations (shot_id, generation_id, position)"
                " select s, g, 0 from unnest(%s::uuid[], %s::uuid[]) t (s, g)",
                (shots[::step], generations[::-step]),
            )

    together(owner_url, write)
    assert [len(timeline.line(shot)) for shot in shots] == [10 * WRITERS] * 2


def test_operations_of_every_kind_at_once_keep_every_rule(
    timeline: Timeline, owner_url: str
) -> None:
    entries = timeline.place(*range(0, 120, 10), None, None)
    generation = timeline.generation()
    acts = (
        "select move_entry_to_frame(%(a)s, 35)",
        "select move_entry_to_position(%(a)s, 2)",
        "select unposition_entries(%(shot)s, array[%(a)s]::uuid[])",
        "select fix_timeline_spacing(%(shot)s)",
        "select add_generation_at_frame(%(shot)s, %(generation)s, 10)",
        "select replace_in_shot(%(a)s, %(generation)s)",
        "select duplicate_shot(%(shot)s)",
    )

    def write(connection: Connection, number: int) -> None:
        chance = random.Random(number)
        for _ in range(15):
            given = {"a": chance.choice(entries), "shot": timeline.shot, "generation": generation}
            connection.execute(chance.choice(acts), given)

    together(owner_url, write)
    frames = timeline.frames()
    assert len(frames) == len(set(frames))
    assert wrong_shot_data(timeline) == []


def test_a_generation_is_not_deleted_while_its_shot_is_taken(
    timeline: Timeline, owner_url: str
) -> None:
    first, _, third = timeline.place(0, 30, 60)
    generation = timeline.entries()[1]["generation_id"]
    with (
        ThreadPoolExecutor(1) as pool,
        psycopg.connect(owner_url) as deleting,
        psycopg.connect(owner_url) as moving,
    ):
        moving.execute("select lock_shot(%s)", (timeline.shot,))
        delete = "delete from generations where id = %s"
        deleted = pool.submit(deleting.execute, delete, (generation,))
        wait_until_waiting(timeline, deleting)
        moving.execute("select remove_entries(%s, array[%s]::uuid[])", (timeline.shot, first))
        moving.commit()
        deleted.result()
        deleting.commit()
    assert timeline.line() == [(third, 60)]


@pytest.mark.parametrize(
    "call",
    [
        "select add_generation_to_shot(%(shot)s, %(generation)s)",
        "select add_generation_at_frame(%(shot)s, %(generation)s, 5)",
        "select add_generation_at_position(%(shot)s, %(generation)s, 0)",
        "select add_generations_to_shot(%(shot)s, array[%(generation)s]::uuid[])",
        "select replace_in_shot(%(entry)s, %(generation)s)",
    ],
)
def test_who_adds_a_generation_waits_for_whoever_is_deleting_it(
    timeline: Timeline, owner_url: str, call: str
) -> None:
    (entry,), generation = timeline.place(0), timeline.generation()
    given = {"shot": timeline.shot, "generation": generation, "entry": entry}
    with (
        ThreadPoolExecutor(1) as pool,
        psycopg.connect(owner_url) as deleting,
        psycopg.connect(owner_url) as adding,
    ):
        deleting.execute("select lock_generations(array[%(generation)s]::uuid[])", given)
        added = pool.submit(adding.execute, call, given)
        wait_until_waiting(timeline, adding)
        deleting.execute("delete from generations where id = %(generation)s", given)
        deleting.commit()
        with pytest.raises((psycopg.errors.ForeignKeyViolation, psycopg.errors.NoDataFound)):
            added.result()
        adding.rollback()
    assert timeline.line() == [(entry, 0)]


def wait_until_waiting(timeline: Timeline, connection: Connection) -> None:
    """Returns when another connection waits for a lock."""
    waiting = "select cardinality(pg_blocking_pids(%s)) > 0 as blocked"
    for _ in range(500):
        if timeline.rows(waiting, (connection.info.backend_pid,))[0]["blocked"]:
            return
        sleep(0.01)
    pytest.fail("nobody waits")


def test_generations_deleted_during_drags_leave_no_gap(timeline: Timeline, owner_url: str) -> None:
    entries = timeline.place(*range(0, 240, 10))
    generations = [row["generation_id"] for row in timeline.entries()]

    def write(connection: Connection, number: int) -> None:
        chance = random.Random(number)
        for index in range(number % 2, 12, 2):
            if number < 2:
                patiently(connection, "delete from generations where id = %s", generations[index])
            else:
                call = "select move_entry_to_position(%s, 0)"
                patiently(connection, call, chance.choice(entries[12:]))

    together(owner_url, write, 4)
    assert sorted(timeline.order()) == sorted(entries[12:])
    assert wrong_shot_data(timeline) == []


def patiently(connection: Connection, statement: str, given: str) -> None:
    """A bare deletion may meet a move in a deadlock, and is then to be repeated."""
    while True:
        try:
            connection.execute(statement, (given,))
            return
        except psycopg.errors.DeadlockDetected:
            continue


def wrong_shot_data(timeline: Timeline) -> list[dict[str, Any]]:
    """Generations whose shot_data is not what stands in their shots."""
    return timeline.rows(
        """
        select g.id, g.shot_data, e.shot_data
        from generations g
          left join lateral (
            select jsonb_object_agg(shot_id, frame) as shot_data
            from (
              select shot_id, min(timeline_frame) as frame
              from shot_generations where generation_id = g.id group by shot_id
            ) one
          ) e on true
        where g.project_id = %s and g.shot_data <> coalesce(e.shot_data, '{}')
        """,
        (timeline.project,),
    )


def test_shots_added_and_reordered_at_once_stay_dense(timeline: Timeline, owner_url: str) -> None:
    shots = [timeline.shot, *(timeline.studio.shot(timeline.project) for _ in range(5))]

    def write(connection: Connection, number: int) -> None:
        chance = random.Random(number)
        for turn in range(10):
            if (number + turn) % 2:
                add = "insert into shots (project_id, name) values (%s, 'new')"
                connection.execute(add, (timeline.project,))
            else:
                call = "select reorder_shots(%s, %s::uuid[])"
                connection.execute(call, (timeline.project, chance.sample(shots, 4)))

    together(owner_url, write)
    rows = timeline.rows(
        "select position from shots where project_id = %s order by position", (timeline.project,)
    )
    assert [row["position"] for row in rows] == list(range(6 + 5 * WRITERS))
