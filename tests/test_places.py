"""The frame of an entry is the truth, its position the rank: whatever is written, by whomever."""

import psycopg
import pytest
from psycopg import errors

from tests.studio import Studio
from tests.timeline import Timeline


@pytest.fixture
def timeline(studio: Studio) -> Timeline:
    return Timeline(studio)


def test_positions_are_ranks_of_frames_in_whatever_order_they_come(timeline: Timeline) -> None:
    last, first, middle = timeline.place(90, 0, 30)
    assert timeline.line() == [(first, 0), (middle, 30), (last, 90)]


def test_a_writer_of_frame_and_position_is_believed_about_the_frame(timeline: Timeline) -> None:
    first, second = timeline.place(0, 30, position=7)
    assert timeline.line() == [(first, 0), (second, 30)]


def test_entries_without_a_place_have_neither_frame_nor_position(timeline: Timeline) -> None:
    timeline.place(None, 30)
    assert timeline.frames() == [30]
    assert timeline.entries()[1]["position"] is None


@pytest.mark.parametrize(
    ("position", "frames"),
    [
        (0, [15, 30, 60]),
        (1, [30, 45, 60]),
        (2, [30, 60, 90]),
        (99, [30, 60, 90]),
        (-1, [15, 30, 60]),
    ],
)
def test_who_gives_only_a_position_gets_a_frame_there(
    timeline: Timeline, position: int, frames: list[int]
) -> None:
    timeline.place(30, 60)
    (entry,) = timeline.place(None, position=position)
    assert timeline.frames() == frames
    assert timeline.order().index(entry) == max(0, min(position, 2))


def test_positions_given_in_one_statement_are_kept(timeline: Timeline) -> None:
    generation = timeline.generation()
    timeline.owner.execute(
        "insert into shot_generations (shot_id, generation_id, position, metadata)"
        " select %s, %s, p, jsonb_build_object('asked', p)"
        " from unnest(array[2, 0, 3, 1]) p",
        (timeline.shot, generation),
    )
    assert timeline.frames() == [0, 81, 162, 243]
    assert [row["metadata"]["asked"] for row in timeline.entries()] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("taken", "position", "frames"),
    [
        ([0, 1, 50], 0, [0, 1, 2, 50]),
        ([9, 10, 11, 12], 1, [8, 9, 10, 11, 12]),
        ([9, 10, 11, 12], 3, [9, 10, 11, 12, 13]),
        ([0, 1, 2, 3], 1, [0, 1, 2, 3, 4]),
        ([5, 6], 1, [5, 6, 7]),
    ],
)
def test_where_no_frame_is_free_the_shorter_run_moves_by_one(
    timeline: Timeline, taken: list[int], position: int, frames: list[int]
) -> None:
    others = timeline.place(*taken)
    (entry,) = timeline.place(None, position=position)
    assert timeline.frames() == frames
    assert timeline.order() == [*others[:position], entry, *others[position:]]


def test_a_run_with_a_locked_entry_does_not_move(timeline: Timeline) -> None:
    _, _, _, held = timeline.place(4, 5, 6, 7)
    timeline.lock(held)
    timeline.place(None, position=3)
    assert timeline.frames() == [3, 4, 5, 6, 7]


def test_no_room_beside_locked_entries_is_refused(timeline: Timeline) -> None:
    first, second = timeline.place(0, 1)
    timeline.lock(first)
    timeline.lock(second)
    with pytest.raises(errors.Error) as refused:
        timeline.place(None, position=1)
    assert refused.value.sqlstate == "DL001"
    assert refused.value.diag.constraint_name == "shot_entries_locked"
    assert refused.value.diag.message_detail == second


def test_a_new_position_of_a_placed_entry_keeps_the_set_of_frames(timeline: Timeline) -> None:
    first, second, third = timeline.place(0, 10, 100)
    timeline.write(third, position=0)
    assert timeline.line() == [(third, 0), (first, 10), (second, 100)]


def test_exchanging_positions_exchanges_frames(timeline: Timeline) -> None:
    first, second, third = timeline.place(0, 10, 100)
    timeline.owner.execute(
        "update shot_generations set position = 2 - position where shot_id = %s", (timeline.shot,)
    )
    assert timeline.line() == [(third, 0), (second, 10), (first, 100)]


@pytest.mark.parametrize("column", ["position", "timeline_frame"])
def test_either_of_the_two_set_to_null_unpositions(timeline: Timeline, column: str) -> None:
    first, second, third = timeline.place(0, 30, 60)
    timeline.write(second, **{column: None})
    assert timeline.line() == [(first, 0), (third, 60)]
    assert timeline.entries()[-1]["id"] == second


def test_a_written_frame_moves_and_places(timeline: Timeline) -> None:
    first, second, waiting = timeline.place(0, 30, None)
    timeline.write(first, timeline_frame=45)
    timeline.write(waiting, timeline_frame=40)
    assert timeline.line() == [(second, 30), (waiting, 40), (first, 45)]


def test_an_entry_that_waits_is_placed_by_its_position(timeline: Timeline) -> None:
    first, second, waiting = timeline.place(0, 30, None)
    timeline.write(waiting, position=1)
    assert timeline.line() == [(first, 0), (waiting, 15), (second, 30)]


@pytest.mark.parametrize("table", ["shot_generations", "generations"])
def test_the_rest_closes_up_after_a_deletion(timeline: Timeline, table: str) -> None:
    first, second, third = timeline.place(0, 30, 60)
    column = "id" if table == "shot_generations" else "generation_id"
    timeline.owner.execute(
        f"delete from {table} where id = (select {column} from shot_generations where id = %s)",
        (second,),
    )
    assert timeline.line() == [(first, 0), (third, 60)]


def test_an_entry_that_moves_to_another_shot_leaves_and_arrives(timeline: Timeline) -> None:
    first, second = timeline.place(0, 30)
    other = timeline.studio.shot(timeline.project)
    (third,) = (timeline.studio.entry(other, timeline.generation(), 10),)
    timeline.write(first, shot_id=other)
    assert timeline.line() == [(second, 30)]
    assert timeline.line(other) == [(first, 0), (third, 10)]


def test_frames_are_not_negative(timeline: Timeline) -> None:
    with pytest.raises(errors.CheckViolation, match="frame_not_negative"):
        timeline.place(-1)


def test_a_frame_is_free_once_at_commit(timeline: Timeline) -> None:
    first, second = timeline.place(0, 30)
    with timeline.owner.transaction():
        timeline.write(first, timeline_frame=30)
        timeline.write(second, timeline_frame=0)
    assert timeline.line() == [(second, 0), (first, 30)]
    with pytest.raises(errors.UniqueViolation, match="shot_generations_frame_free"):
        timeline.place(30)


def test_a_generation_may_stand_twice_in_a_shot(timeline: Timeline) -> None:
    generation = timeline.generation()
    for frame in (0, 30):
        timeline.studio.entry(timeline.shot, generation, frame)
    assert timeline.frames() == [0, 30]


def test_metadata_alone_moves_nothing_and_takes_no_lock(timeline: Timeline, owner_url: str) -> None:
    first, _ = timeline.place(0, 30)
    with psycopg.connect(owner_url) as other:
        other.execute("select lock_shot(%s)", (timeline.shot,))
        timeline.owner.execute("set lock_timeout = '2s'")
        timeline.lock(first)
    assert timeline.frames() == [0, 30]


def fill(timeline: Timeline, count: int) -> None:
    """So many generations in the project, all placed, in shots of 500."""
    timeline.owner.execute(
        "insert into generations (project_id, type, location)"
        " select %s, 'image', 'media/' || n from generate_series(1, %s) n",
        (timeline.project, count),
    )
    timeline.owner.execute(
        "insert into shots (project_id, name) select %s, 'Shot' from generate_series(1, %s)",
        (timeline.project, max(1, count // 500)),
    )
    timeline.owner.execute(
        "insert into shot_generations (shot_id, generation_id, timeline_frame)"
        " select s.id, g.id, g.n from shots s"
        " join (select id, row_number() over () n from generations where project_id = %s) g"
        " on s.position = g.n %% %s where s.project_id = %s",
        (timeline.project, max(1, count // 500), timeline.project),
    )


def left(timeline: Timeline) -> list[dict[str, int]]:
    """How many rows of the project there still are."""
    return timeline.rows(
        "select (select count(*) from shots where project_id = %(p)s) as shots,"
        " (select count(*) from generations where project_id = %(p)s) as generations,"
        " (select count(*) from shot_generations where project_id = %(p)s) as entries",
        {"p": timeline.project},
    )


def test_a_project_goes_with_everything_in_it(timeline: Timeline) -> None:
    fill(timeline, 100)
    timeline.owner.execute("delete from projects where id = %s", (timeline.project,))
    assert left(timeline) == [{"shots": 0, "generations": 0, "entries": 0}]


@pytest.mark.prove
def test_a_project_of_fifty_thousand_placed_generations_goes_in_seconds(
    timeline: Timeline,
) -> None:
    fill(timeline, 50_000)
    timeline.owner.execute("set statement_timeout = '10s'")
    timeline.owner.execute("delete from projects where id = %s", (timeline.project,))
    assert left(timeline) == [{"shots": 0, "generations": 0, "entries": 0}]
