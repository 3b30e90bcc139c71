"""Mutations: whole or not at all, once even if sent twice, one after another, each for itself."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from db.base import Id, Json
from db.cursors import Cursors
from db.session import Database
from db.tools import Scope
from db.writing import Writing
from resolvers import mutations, revisions
from resolvers.context import Context
from resolvers.mutations import Change, Outcome
from server import errors
from tests.asking import Asking, Links
from tests.cascading import TOOL, Cascade, mutation
from tests.studio import Studio
from tests.waiting import waiting

SEVERAL = """
mutation ($first: UpdateToolSettingsInput!, $second: UpdateToolSettingsInput!,
  $third: UpdateToolSettingsInput!) {
  first: updateToolSettings(input: $first) { ...Told }
  second: updateToolSettings(input: $second) { ...Told }
  third: updateToolSettings(input: $third) { ...Told }
}
fragment Told on UpdateToolSettingsPayload {
  ... on ToolSettingsChanged { settings { value } }
  ... on Problem { code }
}
"""
ECHO = """
create table if not exists echoes (author uuid, reason text, scopes text, origin text, level text);
create or replace function echo() returns trigger language plpgsql security definer as $$
begin
  insert into echoes values (
    new.author, current_setting('dailies.reason'), current_setting('dailies.scopes'),
    current_setting('dailies.origin'), current_setting('transaction_isolation')
  );
  return null;
end;
$$;
create trigger echo after insert on settings_revisions for each row execute function echo();
"""
SILENCE = "drop function echo() cascade; drop table echoes"
LATE = """
create or replace function late() returns trigger language plpgsql as $$
begin
  raise check_violation using constraint = 'tool_settings_size', column = 'patch';
end;
$$;
create constraint trigger late after insert on settings_revisions
  deferrable initially deferred for each row execute function late();
"""


@pytest.fixture
def cascade(asking: Asking, studio: Studio) -> Cascade:
    return Cascade(asking, studio)


@pytest.fixture
def held_up(owner_url: str, cascade: Cascade) -> Iterator[psycopg.Connection[Any]]:
    """Somebody who holds the cascade's shot until their transaction ends."""
    with psycopg.connect(owner_url) as connection:
        connection.execute("select from shots where id = %s for update", (cascade.shot,))
        yield connection
        connection.rollback()


async def test_a_repeat_changes_nothing_and_tells_what_is_there_now(cascade: Cascade) -> None:
    first: dict[str, Any] = {"patch": {"n": 1}, "mutationId": str(uuid4())}
    await cascade.update(**first)
    await cascade.patch({"n": 2})
    repeated = await cascade.update(**first)
    assert repeated["settings"]["value"] == {"n": 2}
    assert repeated["settings"]["layers"]["shot"]["version"] == 2


async def test_a_repeat_may_ask_for_something_else(cascade: Cascade) -> None:
    given: dict[str, Any] = cascade.place("SHOT") | {"patch": {"n": 1}, "mutationId": str(uuid4())}
    await cascade.told("updateToolSettings", **given)
    text = mutation("updateToolSettings", "settings { provenance { layer } }")
    answer = await cascade.asking(text, cascade.viewer, input=given)
    assert answer["updateToolSettings"]["settings"] == {"provenance": [{"layer": "SHOT"}]}


async def test_input_that_means_the_same_is_the_same(cascade: Cascade) -> None:
    given: dict[str, Any] = {"patch": {"a": 1, "b": 2}, "mutationId": str(uuid4())}
    await cascade.update(**given)
    spelled = {"patch": {"b": 2, "a": 1}, "mutationId": given["mutationId"].upper()}
    place = {"id": cascade.shot.upper(), "unset": None, "expectedVersion": None}
    assert (await cascade.update(**spelled | place))["__typename"] == "ToolSettingsChanged"


async def test_the_same_id_with_other_input_is_refused(cascade: Cascade) -> None:
    given: dict[str, Any] = {"mutationId": str(uuid4())}
    await cascade.update(**given, patch={"n": 1})
    told = await cascade.update(**given, patch={"n": 2})
    other = await cascade.told("resetToolSettings", **cascade.place("SHOT"), **given)
    for refused in (told, other):
        assert (refused["code"], refused["reason"]) == ("REFUSED", "MUTATION_ID_REUSED")
    assert (await cascade.layer())["value"] == {"n": 1}


async def test_the_same_id_of_another_person_is_another_one(cascade: Cascade) -> None:
    other = Cascade(cascade.asking, cascade.studio)
    given: dict[str, Any] = {"patch": {"n": 1}, "mutationId": str(uuid4())}
    for one in (cascade, other):
        assert (await one.update(**given))["settings"]["shotId"] == one.shot


async def test_a_problem_is_repeated_as_it_was(cascade: Cascade) -> None:
    given: dict[str, Any] = {"patch": {"n": 1}, "expectedVersion": 1, "mutationId": str(uuid4())}
    first = await cascade.update(**given)
    await cascade.patch({"n": 0})
    repeated = await cascade.update(**given)
    assert first["code"] == repeated["code"] == "CONFLICT"
    assert repeated["message"] == first["message"]
    assert repeated["current"]["value"] == {"n": 0}
    assert (await cascade.layer())["version"] == 1


async def test_what_the_database_refused_is_repeated_as_it_was(
    cascade: Cascade, owner: psycopg.Connection
) -> None:
    scopes = ("PROJECT", "SHOT", "USER")
    patches: list[Any] = [cascade.place(scope) | {"patch": {"n": 1}} for scope in scopes]
    patches.append(cascade.place("SHOT") | {"patch": {"text": "x" * 300_000}})
    given: dict[str, Any] = {"patches": patches, "mutationId": str(uuid4())}
    told = [await cascade.told("updateManyToolSettings", **given) for _ in range(2)]
    assert told[0] == told[1]
    assert told[0]["issues"][0]["argument"] == "input.patches[3].patch"
    assert results(owner, cascade) == 1
    for scope in scopes:
        assert (await cascade.layer(scope))["version"] == 0


@pytest.mark.parametrize("is_kept", [False, True])
async def test_what_is_refused_with_the_commit_is_told_as_well(
    cascade: Cascade, owner: psycopg.Connection, is_kept: bool
) -> None:
    given: dict[str, Any] = {"patch": {"n": 1}, "mutationId": str(uuid4()) if is_kept else None}
    owner.execute(LATE)
    try:
        told = await cascade.update(**given)
    finally:
        owner.execute("drop function late() cascade")
    assert told["issues"][0]["argument"] == "input.patch"
    assert (await cascade.layer())["version"] == 0
    assert results(owner, cascade) == is_kept
    assert ((await cascade.update(**given)) == told) == is_kept


@pytest.mark.parametrize("repeats", [2, 9])
async def test_repeats_at_the_same_time_are_done_once(cascade: Cascade, repeats: int) -> None:
    patches = [cascade.place("SHOT") | {"patch": {"n": n}} for n in range(3)]
    given: dict[str, Any] = {"patches": patches, "mutationId": str(uuid4())}
    told = await asyncio.gather(
        *(cascade.told("updateManyToolSettings", **given) for _ in range(repeats))
    )
    assert all(one == told[0] for one in told)
    assert (await cascade.layer())["version"] == 3


async def test_what_is_gone_meanwhile_is_told_as_gone(
    cascade: Cascade, owner: psycopg.Connection
) -> None:
    given: dict[str, Any] = {"patch": {"n": 1}, "mutationId": str(uuid4())}
    await cascade.update(**given)
    owner.execute("delete from shots where id = %s", (cascade.shot,))
    text = mutation("updateToolSettings")
    answer = await cascade.asking(text, cascade.viewer, input=cascade.place("SHOT") | given)
    assert answer.data["updateToolSettings"]["settings"] is None
    assert [error.original_error.code for error in answer.errors] == ["NOT_FOUND"]


async def test_results_are_kept_for_a_week(cascade: Cascade, owner: psycopg.Connection) -> None:
    old, young, new = (dict[str, Any](patch={"n": n}, mutationId=str(uuid4())) for n in range(3))
    for given, days in ((old, "7.01 days"), (young, "6.99 days")):
        await cascade.update(**given)
        owner.execute(
            "update mutation_results set at = at - %s::interval where mutation_id = %s",
            (days, given["mutationId"]),
        )
    for given in (young, new, old):
        await cascade.update(**given)
    assert (await cascade.layer())["value"] == {"n": 0}
    kept = owner.execute(
        "select count(*), max(now() - at) < interval '7 days' from mutation_results"
        " where user_id = %s",
        (cascade.viewer,),
    ).fetchone()
    assert kept == (3, True)


async def test_several_run_in_order_and_each_sees_those_before(cascade: Cascade) -> None:
    given: dict[str, Any] = {
        "first": cascade.place("SHOT") | {"patch": {"n": 1}},
        "second": cascade.place("SHOT") | {"patch": [], "expectedVersion": 1},
        "third": cascade.place("SHOT") | {"patch": {"m": 3}, "expectedVersion": 1},
    }
    answer = await cascade.asking(SEVERAL, cascade.viewer, **given)
    assert not answer.errors
    assert answer.data == {
        "first": {"settings": {"value": {"n": 1}}},
        "second": {"code": "BAD_USER_INPUT"},
        "third": {"settings": {"value": {"n": 1, "m": 3}}},
    }


async def test_a_fault_hides_no_earlier_success_and_stops_nothing_later(
    cascade: Cascade, held_up: psycopg.Connection, gateway_url: str
) -> None:
    given: dict[str, Any] = {
        "first": cascade.place("USER") | {"patch": {"n": 1}},
        "second": cascade.place("SHOT") | {"patch": {"n": 2}},
        "third": cascade.place("PROJECT") | {"patch": {"n": 3}},
    }
    async with impatient(gateway_url) as asking:
        answer = await asking(SEVERAL, cascade.viewer, **given)
    assert answer.data == {
        "first": {"settings": {"value": {"n": 1}}},
        "second": None,
        "third": {"settings": {"value": {"n": 3}}},
    }
    (shown,) = errors.formatted(answer.errors)
    assert shown["path"] == ["second"]
    assert shown["extensions"] == {"code": "TIMEOUT"}


async def test_a_fault_keeps_nothing_so_that_a_repeat_is_the_first(
    cascade: Cascade,
    held_up: psycopg.Connection,
    gateway_url: str,
    owner: psycopg.Connection,
) -> None:
    given: dict[str, Any] = cascade.place("SHOT") | {"patch": {"n": 1}, "mutationId": str(uuid4())}
    text = mutation("updateToolSettings")
    async with impatient(gateway_url) as asking:
        assert (await asking(text, cascade.viewer, input=given)).errors
        assert results(owner, cascade) == 0
        held_up.rollback()
        answer = await asking(text, cascade.viewer, input=given)
    assert answer["updateToolSettings"]["settings"]["value"] == {"n": 1}
    assert results(owner, cascade) == 1


async def test_a_transaction_that_is_killed_leaves_nothing(
    cascade: Cascade, held_up: psycopg.Connection, owner: psycopg.Connection
) -> None:
    patches = [cascade.place(scope) | {"patch": {"n": 1}} for scope in ("PROJECT", "SHOT", "USER")]
    given: dict[str, Any] = {"patches": patches, "mutationId": str(uuid4())}
    text = mutation("updateManyToolSettings")
    asked = asyncio.create_task(cascade.asking(text, cascade.viewer, input=given))
    owner.execute("select pg_terminate_backend(%s)", (await waiting(owner),))

    answer = await asked

    (shown,) = errors.formatted(answer.errors)
    assert shown["extensions"]["code"] == "INTERNAL"
    assert "terminat" not in str(shown)
    held_up.rollback()
    assert results(owner, cascade) == 0
    for scope in ("PROJECT", "SHOT", "USER"):
        assert (await cascade.layer(scope))["version"] == 0
    again = await cascade.told("updateManyToolSettings", **given)
    assert [one["value"] for one in again["settings"]] == [{"n": 1}] * 3


async def test_what_is_deleted_while_one_waits_for_it_is_not_there(
    cascade: Cascade, held_up: psycopg.Connection, owner: psycopg.Connection
) -> None:
    asked = asyncio.create_task(cascade.update(patch={"n": 1}))
    await waiting(owner)
    held_up.execute("delete from shots where id = %s", (cascade.shot,))
    held_up.commit()
    assert (await asked)["code"] == "NOT_FOUND"


async def test_a_fault_of_our_own_leaves_nothing(
    cascade: Cascade, owner: psycopg.Connection
) -> None:
    async def spoil(session: Writing) -> Outcome:
        patch = Json('{"n": 1}')
        await revisions.update(session, Scope.SHOT, Id(cascade.shot), TOOL, patch)
        raise RuntimeError("spoiled")

    session = cascade.asking.database.session({"sub": cascade.viewer, "role": "authenticated"})
    context = Context(cascade.viewer, session, Links())
    change = Change("Spoil", spoil, "test")
    with pytest.raises(RuntimeError, match="spoiled"):
        await mutations.perform(context, change, str(uuid4()), ())
    assert results(owner, cascade) == 0
    assert (await cascade.layer())["version"] == 0


async def test_a_client_that_leaves_in_the_middle_leaves_nothing(
    cascade: Cascade, held_up: psycopg.Connection, owner: psycopg.Connection
) -> None:
    given: dict[str, Any] = cascade.place("SHOT") | {"patch": {"n": 1}, "mutationId": str(uuid4())}
    text = mutation("updateToolSettings")
    asked = asyncio.create_task(cascade.asking(text, cascade.viewer, input=given))
    await waiting(owner)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    held_up.rollback()
    assert results(owner, cascade) == 0
    assert (await cascade.layer())["version"] == 0


async def test_a_problem_undoes_what_came_before_it(cascade: Cascade) -> None:
    patches: list[Any] = [cascade.place("USER") | {"patch": {"n": 1}}] * 2
    patches.append(cascade.place("SHOT") | {"patch": {"n": 1}, "expectedVersion": 5})
    told = await cascade.told("updateManyToolSettings", patches=patches)
    assert told["code"] == "CONFLICT"
    assert (await cascade.layer("USER"))["version"] == 0


async def test_all_changes_at_once_expect_the_version_before_the_first(cascade: Cascade) -> None:
    await cascade.update(patch={"n": 0})
    shot = cascade.place("SHOT") | {"expectedVersion": 1}
    patches = [shot | {"patch": {"n": 1}}, shot | {"patch": {"n": 1}}, shot | {"patch": {"m": 2}}]
    told = await cascade.told("updateManyToolSettings", patches=patches)
    assert told["__typename"] == "ManyToolSettingsChanged"
    layer = await cascade.layer()
    assert (layer["value"], layer["version"]) == ({"n": 1, "m": 2}, 3)


@pytest.mark.parametrize("expected", [0, 2, 2**31 - 1])
async def test_a_change_among_several_that_expects_another_version_is_told_that_one(
    expected: int, cascade: Cascade
) -> None:
    await cascade.update(patch={"n": 0})
    patches = [cascade.place("SHOT") | {"patch": {"n": 1}, "expectedVersion": 1}]
    patches.append(cascade.place("SHOT") | {"patch": {"n": 2}, "expectedVersion": expected})
    told = await cascade.told("updateManyToolSettings", patches=patches)
    assert told["code"] == "CONFLICT"
    assert told["message"].endswith("their version is 1.")
    assert (await cascade.layer())["version"] == 1


async def test_followers_are_told_why_and_whose_echo_it_is(
    cascade: Cascade, owner: psycopg.Connection
) -> None:
    with echoes(owner):
        origin = str(uuid4())
        await cascade.update(patch={"n": 1}, mutationId=origin)
        await cascade.update(patch={"n": 2})
        told = owner.execute("select * from echoes order by origin desc").fetchall()
    viewer = owner.execute("select %s::uuid", (cascade.viewer,)).fetchone()
    assert viewer is not None
    assert told == [
        (viewer[0], "settings-update", "", origin, "read committed"),
        (viewer[0], "settings-update", "", "", "read committed"),
    ]


async def test_a_connection_forgets_whom_it_wrote_for(cascade: Cascade, gateway_url: str) -> None:
    async with impatient(gateway_url, size=1) as asking:
        text = mutation("updateToolSettings")
        given: dict[str, Any] = cascade.place("SHOT") | {
            "patch": {"n": 1},
            "mutationId": str(uuid4()),
        }
        await asking(text, cascade.viewer, input=given)
        connection = await asking.database.take()
        found = await connection.execute(
            "select current_user = session_user, current_setting('request.jwt.claims', true),"
            " current_setting('dailies.origin', true)"
        )
        assert await found.fetchall() == [(True, "", "")]
        await asking.database.give_back(connection)


def results(owner: psycopg.Connection[Any], cascade: Cascade) -> int:
    """How many outcomes are kept for the viewer."""
    found = owner.execute(
        "select count(*) from mutation_results where user_id = %s", (cascade.viewer,)
    ).fetchone()
    return int(found[0]) if found else 0


@contextmanager
def echoes(owner: psycopg.Connection[Any]) -> Iterator[None]:
    """While this is open, every change of settings leaves an echo."""
    owner.execute(ECHO)
    try:
        yield
    finally:
        owner.execute(SILENCE)


@asynccontextmanager
async def impatient(url: str, size: int = 2) -> AsyncIterator[Asking]:
    """A gateway whose statements may take a third of a second."""
    database = Database(url, Cursors(b"secret"), size=size, statement_timeout=300)
    await database.open()
    try:
        yield Asking(database)
    finally:
        await database.close()
