"""What a generation knows of its shots is what stands in them, computed once for each statement."""

from typing import Any

import pytest

from tests.studio import Studio
from tests.timeline import Timeline


@pytest.fixture
def timeline(studio: Studio) -> Timeline:
    return Timeline(studio)


def known(timeline: Timeline, generation: str) -> tuple[dict[str, Any], str | None, int | None]:
    """shot_data and the primary association of a generation."""
    (row,) = timeline.rows("select * from generations where id = %s", (generation,))
    return row["shot_data"], row["shot_id"], row["timeline_frame"]


def test_a_shot_is_one_key_with_the_lowest_frame(timeline: Timeline) -> None:
    generation, shot = timeline.generation(), timeline.shot
    assert known(timeline, generation) == ({}, None, None)
    timeline.studio.entry(shot, generation)
    assert known(timeline, generation) == ({shot: None}, shot, None)
    for frame in (60, 30):
        timeline.studio.entry(shot, generation, frame)
    assert known(timeline, generation)[0] == {shot: 30}


def test_the_primary_association_is_the_oldest_entry(timeline: Timeline) -> None:
    generation, other = timeline.generation(), timeline.studio.shot(timeline.project)
    timeline.studio.entry(timeline.shot, generation, 30, created_at="2020-01-02")
    oldest = timeline.studio.entry(other, generation, 60, created_at="2020-01-01")
    timeline.studio.entry(other, generation, 10, created_at="2020-01-03")
    assert known(timeline, generation) == ({timeline.shot: 30, other: 10}, other, 60)
    timeline.call("remove_entries", other, [oldest])
    assert known(timeline, generation) == ({timeline.shot: 30, other: 10}, timeline.shot, 30)


def test_entries_made_at_one_moment_are_told_apart_by_id(timeline: Timeline) -> None:
    generation = timeline.generation()
    rows = [(timeline.studio.entry(timeline.shot, generation, f), f) for f in (0, 10, 20)]
    timeline.owner.execute(
        "update shot_generations set created_at = '2020-01-01' where shot_id = %s",
        (timeline.shot,),
    )
    assert known(timeline, generation)[2] == min(rows)[1]


def test_an_entry_that_changes_its_generation_fixes_both(timeline: Timeline) -> None:
    (entry,) = timeline.place(30)
    before, after = timeline.entries()[0]["generation_id"], timeline.generation()
    timeline.call("replace_in_shot", entry, after)
    assert known(timeline, before) == ({}, None, None)
    assert known(timeline, after) == ({timeline.shot: 30}, timeline.shot, 30)


def test_an_entry_that_changes_its_shot_takes_its_key_along(timeline: Timeline) -> None:
    (entry,) = timeline.place(30)
    other = timeline.studio.shot(timeline.project)
    timeline.write(entry, shot_id=other)
    generation = timeline.entries(other)[0]["generation_id"]
    assert known(timeline, generation) == ({other: 30}, other, 30)


def test_unpositioning_leaves_a_null(timeline: Timeline) -> None:
    (entry,) = timeline.place(30)
    timeline.call("unposition_entries", timeline.shot, [entry])
    generation = timeline.entries()[0]["generation_id"]
    assert known(timeline, generation) == ({timeline.shot: None}, timeline.shot, None)


def test_a_deleted_shot_is_forgotten(timeline: Timeline) -> None:
    generation, other = timeline.generation(), timeline.studio.shot(timeline.project)
    timeline.studio.entry(timeline.shot, generation, 30)
    timeline.studio.entry(other, generation, 60)
    timeline.owner.execute("delete from shots where id = %s", (timeline.shot,))
    assert known(timeline, generation) == ({other: 60}, other, 60)


def test_mirrors_are_no_new_version(timeline: Timeline) -> None:
    generation = timeline.generation()
    statement = "select version, updated_at from generations where id = %s"
    was = timeline.rows(statement, (generation,))
    timeline.studio.entry(timeline.shot, generation, 30)
    assert timeline.rows(statement, (generation,)) == was


COUNTED = """
    select
      pg_stat_get_xact_tuples_updated('shot_generations'::regclass),
      pg_stat_get_xact_tuples_updated('generations'::regclass),
      (select count(*) from statements_seen)
"""
SEEING = """
    create table statements_seen ();
    create function see_statement() returns trigger language plpgsql security definer as
      'begin insert into public.statements_seen default values; return null; end';
    create trigger see_statement after update on generations
      for each statement execute function see_statement()
"""


def drag(timeline: Timeline, statement: str, arguments: Any) -> tuple[int, ...]:
    """Rows updated in entries and generations by one statement, and statements on the latter."""
    with timeline.owner.transaction(force_rollback=True):
        timeline.owner.execute(SEEING)
        before = timeline.owner.execute(COUNTED).fetchone()
        timeline.owner.execute(statement, arguments)
        after = timeline.owner.execute(COUNTED).fetchone()
    assert before
    assert after
    return tuple(now - was for now, was in zip(after, before, strict=True))


def test_a_drag_of_twelve_is_one_computation(timeline: Timeline) -> None:
    entries = timeline.place(*range(0, 120, 10))
    turned = [*entries[1:], entries[0]]
    moves = {
        "select reorder_entries(%s, %s::uuid[])": (timeline.shot, turned),
        "select set_entry_frames(%s, %s::uuid[], %s)": (timeline.shot, turned, [*range(12)]),
    }
    for statement, arguments in moves.items():
        assert drag(timeline, statement, arguments) == (12, 12, 1)


def test_a_drag_written_by_hand_is_one_computation_too(timeline: Timeline) -> None:
    timeline.place(*range(0, 120, 10))
    bare = "update shot_generations set timeline_frame = 205 - timeline_frame where shot_id = %s"
    assert drag(timeline, bare, (timeline.shot,)) == (24, 12, 1)


def test_an_entry_placed_by_its_position_writes_its_generation_once(timeline: Timeline) -> None:
    timeline.place(0, 30)
    bare = (
        "insert into shot_generations (shot_id, generation_id, position)"
        " select %s, id, 1 from generations where project_id = %s and shot_data = '{}'"
    )
    timeline.generation()
    assert drag(timeline, bare, (timeline.shot, timeline.project))[1:] == (1, 1)


def test_a_generation_that_stays_as_it_is_known_is_not_written(timeline: Timeline) -> None:
    generation = timeline.generation()
    timeline.studio.entry(timeline.shot, generation, 0)
    call = "select add_generation_to_shot(%s, %s)"
    assert drag(timeline, call, (timeline.shot, generation))[1] == 0


def test_a_change_of_metadata_computes_nothing(timeline: Timeline) -> None:
    timeline.place(0, 30)
    bare = "update shot_generations set metadata = '{\"locked\": true}' where shot_id = %s"
    assert drag(timeline, bare, (timeline.shot,)) == (2, 0, 0)


def test_a_shot_is_found_by_the_index(timeline: Timeline) -> None:
    with timeline.owner.transaction(force_rollback=True):
        timeline.owner.execute(
            "insert into generations (project_id, shot_data)"
            " select %s, jsonb_build_object(gen_random_uuid(), 0) from generate_series(1, 20000)",
            (timeline.project,),
        )
        timeline.owner.execute("select gin_clean_pending_list('idx_generations_shot_data')")
        timeline.owner.execute("analyze generations")
        plan = timeline.rows(
            "explain select id from generations where shot_data ? %s", (timeline.shot,)
        )
    assert any("idx_generations_shot_data" in row["QUERY PLAN"] for row in plan), plan
