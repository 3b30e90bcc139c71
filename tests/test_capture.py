"""Whatever is committed is told to the scopes that it concerns, once, whoever has written it."""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio
from psycopg import sql

from db import base, writing
from db.events import Event, Kind, Op
from db.feed import MOST_IDS, Feed
from tests.asking import Asking
from tests.following import Followed, told
from tests.making import Making
from tests.placing import Placing
from tests.studio import Studio
from tests.timeline import Timeline

# How a row of each published table in a project is made, and a column of it to update.
IN_PROJECTS: dict[str, tuple[dict[str, Any], str, Any]] = {
    "runs": ({}, "name", "Dawn"),
    "tasks": ({"task_type": "any"}, "progress", 50),
    "shots": ({"name": "Shot"}, "name", "Dawn"),
    "generations": ({}, "starred", True),
}
PUBLISHED = set(IN_PROJECTS) | set(
    """
    users projects project_members project_invitations assets generation_variants
    shot_generations
    """.split()
)
# Why nobody is told of what becomes of the others.
UNPUBLISHED = {
    "settings_revisions": "A change of settings is told with the row that holds them.",
    "tools": "They are the same for everybody, and change with a deployment.",
    "task_types": "They are the same for everybody, and change with a deployment.",
    "workers": "No viewer sees them.",
    "mutation_results": "No viewer sees them.",
    "leftover_files": "No viewer sees them.",
    **dict.fromkeys(("feed", "clocks", "ticks", "changes", "heads"), "They are the feed itself."),
}


@pytest_asyncio.fixture
async def followed(feed: Feed) -> Followed:
    return Followed(feed)


@pytest.fixture
def user(studio: Studio) -> str:
    return studio.user()


@pytest.fixture
def project(studio: Studio, user: str) -> str:
    studio.owner.execute("insert into task_types (name) values ('any') on conflict do nothing")
    return studio.project(user)


@pytest.fixture
def making(asking: Asking, studio: Studio) -> Making:
    return Making(asking, studio)


@pytest.mark.parametrize("table", IN_PROJECTS)
async def test_what_becomes_of_a_row_is_told_to_its_project_alone(
    studio: Studio, followed: Followed, user: str, project: str, table: str
) -> None:
    values, column, value = IN_PROJECTS[table]
    other = studio.project(user)
    await followed.begin(project, other, user)

    id = studio.insert(table, project_id=project, **values)
    assert told(await followed.one(project)) == {(table, id, "INSERT")}

    _update(studio, table, id, column, value)
    event = await followed.one(project)
    assert told(event) == {(table, id, "UPDATE")}
    assert column in event.changes[0].columns

    _delete(studio, table, id)
    assert told(await followed.one(project)) == {(table, id, "DELETE")}
    assert await followed.seen(other) == await followed.seen(user) == []


async def test_a_variant_is_told_with_the_generation_that_shows_it(
    studio: Studio, followed: Followed, project: str
) -> None:
    made = studio.generation(project)
    await followed.begin(project)
    variant = studio.variant(made)
    assert told(await followed.one(project)) == {("generation_variants", variant, "INSERT")}
    _update(studio, "generation_variants", variant, "is_primary", True)
    event = await followed.one(project)
    original = next(c.id for c in event.changes if c.id not in (made, variant))
    assert told(event) == {
        ("generation_variants", variant, "UPDATE"),
        ("generation_variants", original, "UPDATE"),
        ("generations", made, "UPDATE"),
    }
    shown = next(c for c in event.changes if c.table == "generations")
    assert {"primary_variant_id", "location"} <= set(shown.columns)
    _delete(studio, "generation_variants", variant)
    assert ("generation_variants", variant, "DELETE") in told(await followed.one(project))


async def test_an_entry_is_told_with_its_shot_and_what_its_generation_shows(
    studio: Studio, followed: Followed, project: str
) -> None:
    shot, made = studio.shot(project), studio.generation(project)
    await followed.begin(project)
    entry = studio.entry(shot, made, 0)
    event = await followed.one(project)
    assert told(event) == {("shot_generations", entry, "INSERT"), ("generations", made, "UPDATE")}
    assert event.shot_ids == (shot,)
    _update(studio, "shot_generations", entry, "timeline_frame", 30)
    assert told(await followed.one(project)) == {
        ("shot_generations", entry, "UPDATE"),
        ("generations", made, "UPDATE"),
    }
    _delete(studio, "shot_generations", entry)
    event = await followed.one(project)
    assert told(event) == {("shot_generations", entry, "DELETE"), ("generations", made, "UPDATE")}
    assert event.shot_ids == (shot,)


async def test_a_user_is_told_of_themselves(studio: Studio, followed: Followed) -> None:
    user = str(uuid4())
    await followed.begin(user)
    studio.user(id=user)
    assert told(await followed.one(user)) == {("users", user, "INSERT")}
    for column, value in (("settings", '{"ui": {}}'), ("onboarding", "{}"), ("credits", 5)):
        _update(studio, "users", user, column, value)
    assert [e.changes[0].columns for e in await followed.seen(user)] == [
        ("settings",),
        ("credits",),
    ]
    _delete(studio, "users", user)
    assert told(await followed.one(user)) == {("users", user, "DELETE")}


async def test_lists_of_projects_are_told_of_a_project(
    studio: Studio, followed: Followed, user: str
) -> None:
    member, stranger, project = studio.user(), studio.user(), str(uuid4())
    await followed.begin(project, user, member, stranger)
    studio.project(user, id=project)
    made = {("projects", project, "INSERT")}
    assert told(await followed.one(project)) == made | {("project_members", user, "INSERT")}
    assert told(await followed.one(user)) == made | {("project_members", project, "INSERT")}

    _join(studio, project, member)
    assert told(await followed.one(project)) == {("project_members", member, "INSERT")}
    assert told(await followed.one(member)) == {("project_members", project, "INSERT")}

    _update(studio, "projects", project, "name", "Dawn")
    for scope in (project, user, member):
        assert told(await followed.one(scope)) == {("projects", project, "UPDATE")}
    assert await followed.seen(stranger) == []


async def test_a_member_who_is_removed_hears_it_at_that_very_tick(
    studio: Studio, followed: Followed, user: str, project: str
) -> None:
    member = studio.user()
    _join(studio, project, member)
    await followed.begin(project, user, member)
    studio.owner.execute("delete from project_members where user_id = %s", (member,))
    assert told(await followed.one(project)) == {("project_members", member, "DELETE")}
    assert told(await followed.one(member)) == {("project_members", project, "DELETE")}
    _update(studio, "projects", project, "name", "Dawn")
    assert await followed.seen(member) == []


async def test_the_end_of_a_project_is_heard_by_all_who_could_see_it_with_all_that_was_in_it(
    studio: Studio, followed: Followed, user: str, project: str
) -> None:
    member = studio.user()
    _join(studio, project, member)
    shot, made = studio.shot(project), studio.generation(project)
    inside = {
        ("shots", shot, "DELETE"),
        ("generations", made, "DELETE"),
        ("generation_variants", _only(studio, "generation_variants", project), "DELETE"),
        ("shot_generations", studio.entry(shot, made, 0), "DELETE"),
        ("runs", studio.insert("runs", project_id=project), "DELETE"),
        ("tasks", studio.insert("tasks", project_id=project, task_type="any"), "DELETE"),
        ("project_members", user, "DELETE"),
        ("project_members", member, "DELETE"),
        ("projects", project, "DELETE"),
    }
    await followed.begin(project, user, member)
    _delete(studio, "projects", project)
    event = await followed.one(project)
    assert (told(event), event.shot_ids) == (inside, (shot,))
    assert ("projects", project, "DELETE") in told(await followed.one(user))
    assert told(await followed.one(member)) == {("project_members", project, "DELETE")}


async def test_a_whole_transaction_is_one_event(
    studio: Studio, followed: Followed, project: str
) -> None:
    other = studio.project(studio.user())
    await followed.begin(project, other)
    with studio.owner.transaction():
        shot = studio.shot(project)
        run = studio.insert("runs", project_id=project)
        elsewhere = studio.shot(other)
        _update(studio, "shots", shot, "name", "Dawn")
        _delete(studio, "runs", run)
    assert told(await followed.one(project)) == {("shots", shot, "INSERT"), ("runs", run, "DELETE")}
    assert told(await followed.one(other)) == {("shots", elsewhere, "INSERT")}


async def test_a_drag_of_twelve_is_one_event(studio: Studio, followed: Followed) -> None:
    timeline = Timeline(studio)
    entries = timeline.place(*range(0, 120, 10))
    await followed.begin(timeline.project)
    studio.owner.execute(
        "update shot_generations set timeline_frame = 200 - timeline_frame where shot_id = %s",
        (timeline.shot,),
    )
    event = await followed.one(timeline.project)
    assert {c.id for c in event.changes if c.table == "shot_generations"} == set(entries)
    assert event.shot_ids == (timeline.shot,)


async def test_a_drag_by_mutation_is_one_event_with_one_reason(
    asking: Asking, studio: Studio, followed: Followed
) -> None:
    placing = Placing(asking, studio)
    entries = placing.timeline.place(*range(0, 120, 10))
    await followed.begin(placing.project)
    await placing.done("reorderEntries", shot=True, ids=entries[::-1])
    event = await followed.one(placing.project)
    assert (event.reason, event.shot_ids) == ("timeline-update", (placing.shot,))
    assert {c.id for c in event.changes if c.table == "shot_generations"} == set(entries)


async def test_what_changes_nothing_is_not_told(
    studio: Studio, followed: Followed, project: str
) -> None:
    shot = studio.shot(project, name="Dawn")
    await followed.begin(project)
    _update(studio, "shots", shot, "name", "Dawn")
    _update(studio, "shots", str(uuid4()), "name", "Dusk")
    _delete(studio, "shots", str(uuid4()))
    assert await followed.seen(project) == []


async def test_what_is_rolled_back_is_not_told(
    studio: Studio, followed: Followed, project: str
) -> None:
    await followed.begin(project)
    with suppress(ZeroDivisionError), studio.owner.transaction():
        studio.shot(project)
        raise ZeroDivisionError
    assert await followed.seen(project) == []


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("last", [True, False])
async def test_a_savepoint_takes_back_what_it_told(
    studio: Studio, followed: Followed, project: str, first: bool, last: bool
) -> None:
    await followed.begin(project)
    kept = []
    with studio.owner.transaction():
        if first:
            kept.append(studio.insert("runs", project_id=project))
        with suppress(ZeroDivisionError), studio.owner.transaction():
            studio.shot(project)
            raise ZeroDivisionError
        with studio.owner.transaction():
            kept.append(studio.insert("runs", project_id=project))
        if last:
            kept.append(studio.insert("runs", project_id=project))
    assert told(await followed.one(project)) == {("runs", run, "INSERT") for run in kept}


@pytest.mark.parametrize("undone", [True, False])
async def test_a_clock_that_was_taken_early_still_ticks_once(
    studio: Studio, followed: Followed, project: str, undone: bool
) -> None:
    await followed.begin(project)
    with studio.owner.transaction():
        with suppress(ZeroDivisionError), studio.owner.transaction():
            early = studio.shot(project)
            studio.owner.execute("set constraints all immediate")
            if undone:
                raise ZeroDivisionError
        late = studio.shot(project)
    kept = {("shots", late, "INSERT")} | (set() if undone else {("shots", early, "INSERT")})
    assert told(await followed.one(project)) == kept


async def test_one_that_came_and_went_is_gone_and_one_that_came_back_is_there(
    studio: Studio, followed: Followed, project: str
) -> None:
    run = studio.insert("runs", project_id=project)
    await followed.begin(project)
    with studio.owner.transaction():
        _delete(studio, "runs", run)
        studio.insert("runs", id=run, project_id=project)
    assert told(await followed.one(project)) == {("runs", run, "INSERT")}
    with studio.owner.transaction():
        _update(studio, "runs", run, "name", "Dawn")
        _delete(studio, "runs", run)
    assert told(await followed.one(project)) == {("runs", run, "DELETE")}


async def test_an_update_that_gives_another_key_is_told_of_both(
    studio: Studio, followed: Followed, project: str
) -> None:
    run, renamed = studio.insert("runs", project_id=project), str(uuid4())
    await followed.begin(project)
    _update(studio, "runs", run, "id", renamed)
    assert told(await followed.one(project)) == {
        ("runs", run, "DELETE"),
        ("runs", renamed, "INSERT"),
    }


async def test_an_insert_that_meets_what_is_there_is_told_as_an_update(
    studio: Studio, followed: Followed, project: str
) -> None:
    run, new = studio.insert("runs", project_id=project), str(uuid4())
    await followed.begin(project)
    studio.owner.execute(
        "insert into runs (id, project_id) values (%(a)s, %(p)s), (%(b)s, %(p)s)"
        " on conflict (id) do update set name = 'Dawn'",
        {"a": run, "b": new, "p": project},
    )
    assert told(await followed.one(project)) == {("runs", run, "UPDATE"), ("runs", new, "INSERT")}


async def test_more_rows_than_anybody_wants_named_are_told_in_bulk(
    studio: Studio, followed: Followed, project: str
) -> None:
    await followed.begin(project)
    kinds = []
    for number in (MOST_IDS, MOST_IDS + 1):
        studio.owner.execute(
            "insert into runs (project_id) select %s from generate_series(1, %s)",
            (project, number),
        )
        event = await followed.one(project)
        kinds.append((event.kind, len(event.changes), event.tables))
    assert kinds == [(Kind.CHANGE, MOST_IDS, ("runs",)), (Kind.BULK, 0, ("runs",))]


async def test_emptying_a_table_is_told_of_every_row(
    studio: Studio, followed: Followed, project: str
) -> None:
    runs = [studio.insert("runs", project_id=project) for _ in range(2)]
    with suppress(ZeroDivisionError), studio.owner.transaction():
        studio.owner.execute("create table kept as select * from runs")
        studio.owner.execute("truncate runs cascade")
        found = studio.owner.execute(
            "select op, ids::text[] from changes where scope = %s and tbl = 'runs'"
            " order by seq desc limit 1",
            (project,),
        ).fetchone()
        assert found is not None
        assert (found[0], sorted(found[1])) == ("D", sorted(runs))
        raise ZeroDivisionError


async def test_who_writes_past_the_gateway_is_external_and_the_tables_tell_what_to_load(
    studio: Studio, followed: Followed, project: str
) -> None:
    shot = studio.shot(project)
    await followed.begin(project)
    _update(studio, "shots", shot, "name", "Dawn")
    event = await followed.one(project)
    assert (event.reason, event.scopes, event.origin) == ("external", ("SHOTS",), None)


async def test_mutations_tell_why_what_to_load_again_and_whose_echo_it_is(
    making: Making, followed: Followed
) -> None:
    made, origin = making.generation(), str(uuid4())
    await followed.begin(making.project)
    await making.told("renameGeneration", id=made, name="Dusk", mutationId=origin)
    await making.told("deleteGenerations", ids=[made])
    events = await followed.seen(making.project)
    assert [(e.reason, e.scopes, e.origin) for e in events] == [
        ("metadata-update", ("METADATA", "UNIFIED"), origin),
        ("delete-image", ("ALL",), None),
    ]
    assert ("generations", made, "DELETE") in told(events[1])


async def test_a_switch_of_the_primary_take_is_one_event(
    making: Making, followed: Followed
) -> None:
    made = making.generation()
    variant = making.studio.variant(made)
    await followed.begin(making.project)
    await making.told("setPrimaryVariant", id=variant)
    event = await followed.one(making.project)
    assert ("generations", made, "UPDATE") in told(event)
    assert len([c for c in event.changes if c.table == "generation_variants"]) == 2


async def test_a_mutation_that_comes_to_nothing_tells_nothing(
    making: Making, followed: Followed
) -> None:
    made = making.generation(name="Dawn")
    await followed.begin(making.project)
    await making.told("renameGeneration", id=made, name="Dawn")
    await making.told("renameGeneration", id=made, name="Dusk", expectedVersion=7)
    assert await followed.seen(making.project) == []


async def test_settings_are_told_to_whoever_they_belong_to(
    asking: Asking, studio: Studio, followed: Followed, user: str, project: str
) -> None:
    shot = studio.shot(project)
    await followed.begin(user, project)
    change = """
    mutation ($input: UpdateToolSettingsInput!) {
      updateToolSettings(input: $input) { __typename }
    }
    """
    for scope, id in (("USER", user), ("PROJECT", project), ("SHOT", shot)):
        given = {"scope": scope, "tool": "ui", "patch": {"a": scope}, "id": id}
        assert (await asking(change, user, input=given))["updateToolSettings"]
    assert [_columns(e) for e in await followed.seen(user)] == [
        {("users", "settings")},
        {("projects", "settings")},
    ]
    assert [_columns(e) for e in await followed.seen(project)] == [
        {("projects", "settings")},
        {("shots", "settings")},
    ]


async def test_nobody_who_asks_reads_or_writes_the_feed(
    acting_as: Callable[[str], AbstractContextManager[psycopg.Connection]], user: str
) -> None:
    for table in ("feed", "clocks", "ticks", "changes", "heads", "changes_0", "ticks_0"):
        for statement in ("select * from {}", "delete from {}"):
            with acting_as(user) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql.SQL(statement).format(sql.Identifier(table)))


def test_every_table_is_published_or_there_is_a_reason_why_not() -> None:
    assert set(base.metadata.tables) == PUBLISHED | set(UNPUBLISHED)
    assert not PUBLISHED & set(UNPUBLISHED)


def test_every_published_table_is_captured_whoever_writes(owner: psycopg.Connection) -> None:
    found = owner.execute(
        "select tgrelid::regclass::text, count(*), bool_and(tgenabled = 'A') from pg_trigger"
        " where tgname like 'aa_capture_%' group by 1"
    ).fetchall()
    assert {name: rest for name, *rest in found} == {name: [4, True] for name in PUBLISHED}
    clock = owner.execute(
        "select bool_and(tgenabled = 'A' and tgdeferrable and tginitdeferred) from pg_trigger"
        " where tgname = 'changes_advance_clocks'"
    ).fetchone()
    assert clock == (True,)


async def test_a_commit_waits_for_a_clock_but_not_for_ever(
    owner: psycopg.Connection, owner_url: str, studio: Studio, followed: Followed, project: str
) -> None:
    await followed.begin(project)
    patience = "alter function stamp_ticks() set lock_timeout = '{}'"
    owner.execute(patience.format("50ms"))
    try:
        with psycopg.connect(owner_url) as holder:
            holder.execute("select from clocks where scope = %s for update", (project,))
            with pytest.raises(psycopg.errors.LockNotAvailable) as refused:
                studio.shot(project)
    finally:
        owner.execute(patience.format("5s"))
    assert writing.may_pass(refused.value)
    assert await followed.seen(project) == []


def test_a_commit_waits_for_a_clock_for_five_seconds(owner: psycopg.Connection) -> None:
    found = owner.execute("select proconfig from pg_proc where proname = 'stamp_ticks'").fetchall()
    assert all("lock_timeout=5s" in settings for (settings,) in found)


def _columns(event: Event) -> set[tuple[str, str]]:
    return {(c.table, name) for c in event.changes if c.op is Op.UPDATE for name in c.columns}


def _join(studio: Studio, project: str, member: str) -> None:
    studio.owner.execute(
        "insert into project_members (project_id, user_id, role) values (%s, %s, 'viewer')",
        (project, member),
    )


def _only(studio: Studio, table: str, project: str) -> str:
    text = sql.SQL("select id::text from {} where project_id = %s").format(sql.Identifier(table))
    ((id,),) = studio.owner.execute(text, (project,)).fetchall()
    return str(id)


def _update(studio: Studio, table: str, id: str, column: str, value: Any) -> None:
    text = sql.SQL("update {} set {} = %s where id = %s")
    studio.owner.execute(text.format(sql.Identifier(table), sql.Identifier(column)), (value, id))


def _delete(studio: Studio, table: str, id: str) -> None:
    studio.owner.execute(
        sql.SQL("delete from {} where id = %s").format(sql.Identifier(table)), (id,)
    )
