"""Shots stand in an order that is dense from 0, whoever adds, moves and deletes them."""

from typing import Any

import pytest
from psycopg import errors

from tests.studio import Studio
from tests.timeline import Timeline


@pytest.fixture
def timeline(studio: Studio) -> Timeline:
    """A project with three shots, named a, b and c."""
    made = Timeline(studio)
    made.owner.execute("update shots set name = 'a' where id = %s", (made.shot,))
    for name in "bc":
        studio.shot(made.project, name=name)
    return made


def shots(timeline: Timeline) -> list[str]:
    """The ids of the shots in order; their positions must be dense."""
    rows = timeline.rows(
        "select id, position from shots where project_id = %s order by position",
        (timeline.project,),
    )
    assert [row["position"] for row in rows] == list(range(len(rows)))
    return [row["id"] for row in rows]


def names(timeline: Timeline) -> str:
    """The names of the shots in order."""
    found = timeline.rows("select id, name from shots")
    by_id = {row["id"]: row["name"] for row in found}
    return " ".join(by_id[shot] for shot in shots(timeline))


def test_a_shot_goes_to_the_end_unless_it_names_a_position(timeline: Timeline) -> None:
    timeline.studio.shot(timeline.project, name="d")
    timeline.studio.shot(timeline.project, name="e", position=1)
    timeline.studio.shot(timeline.project, name="f", position=99)
    assert names(timeline) == "a e b c d f"


def test_many_shots_of_one_statement_get_what_they_ask_for(timeline: Timeline) -> None:
    timeline.owner.execute(
        "insert into shots (project_id, name, position)"
        " values (%(p)s, 'd', 0), (%(p)s, 'e', null), (%(p)s, 'f', 2)",
        {"p": timeline.project},
    )
    assert names(timeline) == "d a f b c e"


def test_the_order_closes_up_after_a_deletion(timeline: Timeline) -> None:
    timeline.owner.execute("delete from shots where id = %s", (shots(timeline)[1],))
    assert names(timeline) == "a c"


def test_a_written_position_moves_a_shot(timeline: Timeline) -> None:
    for position, order in ((2, "b c a"), (0, "a b c"), (99, "b c a")):
        timeline.owner.execute(
            "update shots set position = %s where id = %s", (position, timeline.shot)
        )
        assert names(timeline) == order


def test_inserting_returns_the_new_shot_and_those_that_made_room(timeline: Timeline) -> None:
    rows = timeline.call("insert_shot_at_position", timeline.project, "d", 1)
    assert [(row["name"], row["position"]) for row in rows] == [("d", 1), ("b", 2), ("c", 3)]
    assert names(timeline) == "a d b c"


def test_reordering_permutes_the_named_shots(timeline: Timeline) -> None:
    a, b, c = shots(timeline)
    rows = timeline.call("reorder_shots", timeline.project, [c, b, a])
    assert {row["id"] for row in rows} == {a, c}
    assert names(timeline) == "c b a"
    timeline.call("reorder_shots", timeline.project, [a, c])
    assert names(timeline) == "a b c"


def test_reordering_takes_no_strangers(timeline: Timeline, studio: Studio) -> None:
    stranger = studio.shot(studio.project(timeline.user))
    for listed in ([stranger], [timeline.shot, timeline.shot]):
        with pytest.raises(errors.InvalidParameterValue) as refused:
            timeline.call("reorder_shots", timeline.project, listed)
        assert refused.value.diag.constraint_name == "shots_order"


def copied(timeline: Timeline, shot: str) -> list[tuple[Any, ...]]:
    """What a copy has of the entries of a shot."""
    columns = ("generation_id", "timeline_frame", "position", "metadata")
    return [tuple(row[name] for name in columns) for row in timeline.entries(shot)]


def test_a_duplicate_sits_behind_the_original_with_all_its_entries(timeline: Timeline) -> None:
    timeline.place(30, None, 0, None, metadata={"pair_prompt": "slow"})
    rows = timeline.call("duplicate_shot", timeline.shot)
    assert [row["name"] for row in rows] == ["a (copy)", "b", "c"]
    assert names(timeline) == "a a (copy) b c"
    assert copied(timeline, rows[0]["id"]) == copied(timeline, timeline.shot)
    primary = timeline.rows(
        "select distinct shot_id from generations where project_id = %s", (timeline.project,)
    )
    assert primary == [{"shot_id": timeline.shot}]


def test_a_duplicate_may_leave_out_what_is_unpositioned(timeline: Timeline) -> None:
    timeline.place(30, None, 0)
    copy = timeline.call("duplicate_shot", timeline.shot, True)[0]["id"]
    assert [frame for _, frame in timeline.line(copy)] == [0, 30]
    assert len(timeline.entries(copy)) == 2


def test_a_shot_is_made_with_its_first_image(timeline: Timeline) -> None:
    generation = timeline.generation()
    (row,) = timeline.call("create_shot_with_image", timeline.project, "d", generation)
    assert (row["name"], row["position"]) == ("d", 3)
    (entry,) = timeline.entries(row["id"])
    assert (entry["generation_id"], entry["timeline_frame"]) == (generation, 0)


def test_a_shot_with_a_strangers_image_is_not_made(timeline: Timeline, studio: Studio) -> None:
    stranger = studio.generation(studio.project(studio.user()))
    with pytest.raises(errors.ForeignKeyViolation):
        timeline.call("create_shot_with_image", timeline.project, "d", stranger)
    assert names(timeline) == "a b c"
