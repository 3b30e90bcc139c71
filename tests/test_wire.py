"""The wire: whatever happens to a flight, its connection comes back clean or is closed."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
import psycopg
import pytest
import pytest_asyncio
from psycopg import errors
from psycopg_pool import AsyncConnectionPool

from db.wire import KEPT, Asked, Values, Wire

BEGIN = Asked("begin isolation level repeatable read read only")
COMMIT = [Asked("commit")]
PREPARED = Asked("select count(*) from pg_prepared_statements")
BROKEN = Asked("select 1 / $1::integer", (0,))
SLEEP = Asked("select pg_sleep(30)")
BACKEND = Asked("select pg_backend_pid()")
VIEWER = Asked("select current_user::text, current_setting('request.jwt.claims', true)")
ECHO = "select $1::{}"

Connect = Callable[..., Awaitable[Wire]]


@pytest_asyncio.fixture
async def connect(gateway_url: str) -> AsyncIterator[Connect]:
    """Opens wires."""
    opened: list[Wire] = []

    async def opening(**options: Any) -> Wire:
        wire = await Wire.connect(gateway_url, autocommit=True, client_encoding="utf8", **options)
        opened.append(wire)
        return wire

    yield opening
    for wire in opened:
        await wire.close()


@pytest_asyncio.fixture
async def wire(connect: Connect) -> Wire:
    """A wire on which nothing has flown."""
    return await connect()


def opening_of(viewer: str) -> list[Asked]:
    """The beginning of a transaction in the name of a viewer."""
    claim = (
        "select set_config('role', 'authenticated', true),"
        " set_config('request.jwt.claims', $1, true)"
    )
    return [BEGIN, Asked(claim, (json.dumps({"sub": viewer}),))]


async def alone(wire: Wire, *asked: Asked) -> list[Values]:
    """A transaction of one flight."""
    return await wire.fly(asked, [BEGIN], COMMIT)


async def echoed(wire: Wire, kind: str, value: Any) -> Any:
    """A value as it comes back when PostgreSQL takes it as this type."""
    (((found,),),) = await alone(wire, Asked(ECHO.format(kind), (value,)))
    return found


async def is_clean(wire: Wire) -> bool:
    """Whether nothing of an earlier transaction is left, and the next one works."""
    ((((user, claims),)),) = await alone(wire, VIEWER)
    return user != "authenticated" and claims in (None, "") and not wire.is_flying


async def test_all_statements_of_a_flight_answer_in_order(wire: Wire) -> None:
    numbers = [Asked("select $1::integer", (n,)) for n in range(50)]

    assert await alone(wire, *numbers) == [[(n,)] for n in range(50)]


async def test_a_flight_may_ask_nothing(wire: Wire) -> None:
    assert await alone(wire) == []


async def test_more_may_be_sent_and_answered_than_any_buffer_holds(wire: Wire) -> None:
    long = "a" * 3_000_000
    asked = [Asked("select $1::text", (long,)), Asked("select repeat('b', 3000000)")] * 2

    answers = await alone(wire, *asked)

    assert answers == [[(long,)], [("b" * 3_000_000,)]] * 2


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", ""),
        ("text", 'Zoë\'s "quoted" \\ {brace}, 画像 🎬'),
        ("integer", -5),
        ("bigint", 2**40),
        ("double precision", 0.1),
        ("double precision", float("inf")),
        ("boolean", True),
        ("boolean", False),
        ("text", None),
        ("timestamptz", datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)),
        ("text[]", []),
        ("text[]", ["one"]),
        ("text[]", ["", "NULL", "null", 'a"b', "c\\d", "{e,f}", " g ", "h\ni", "é"]),
        ("text[]", ['"', '","', "\\"]),
        ("text[]", ["a", None]),
        ("integer[]", [1, 2, 3]),
    ],
)
async def test_a_value_arrives_as_it_was_given(wire: Wire, kind: str, value: Any) -> None:
    assert await echoed(wire, kind, value) == value


async def test_ids_arrive_as_they_were_given(wire: Wire) -> None:
    ids = [str(uuid4()) for _ in range(3)]

    assert await echoed(wire, "uuid[]::text[]", ids) == ids


@pytest.mark.parametrize("value", ["a\0b", ["a", "b\0c"]])
async def test_text_with_a_nul_is_refused_before_anything_is_sent(wire: Wire, value: Any) -> None:
    with pytest.raises(psycopg.DataError):
        await alone(wire, Asked("select $1::text", (value,)))

    assert await is_clean(wire)


async def test_jsonb_is_read_and_json_is_left_as_it_stands(wire: Wire) -> None:
    text = """select it, it::json, 'x', null::jsonb from (select '{"a": [1]}'::jsonb) k (it)"""

    ((read, raw, *others),) = (await alone(wire, Asked(text)))[0]

    assert read == {"a": [1]}
    assert orjson.dumps(raw) == b'{"a": [1]}'
    assert others == ["x", None]


async def test_the_viewer_holds_on_every_level_and_is_gone_after_the_last(wire: Wire) -> None:
    viewer = str(uuid4())
    claimed = [("authenticated", json.dumps({"sub": viewer}))]

    first = await wire.fly([VIEWER], opening_of(viewer))
    second = await wire.fly([VIEWER, VIEWER])
    third = await wire.fly([VIEWER], closing=COMMIT)

    assert [*first, *second, *third] == [claimed] * 4
    assert await is_clean(wire)


async def test_the_closing_may_fly_alone(wire: Wire) -> None:
    await wire.fly([VIEWER], opening_of(str(uuid4())))
    assert wire.is_flying

    await wire.fly([], closing=COMMIT)

    assert await is_clean(wire)


async def test_a_transaction_sees_one_moment(wire: Wire, owner: psycopg.Connection) -> None:
    owner.execute("create table moments (n int); grant select on moments to public")
    counted = Asked("select count(*) from moments")
    before = await wire.fly([counted], [BEGIN])

    owner.execute("insert into moments values (1)")

    assert await wire.fly([counted], closing=COMMIT) == before == [[(0,)]]
    assert await alone(wire, counted) == [[(1,)]]
    owner.execute("drop table moments")


@pytest.mark.parametrize("prepare_threshold", [5, None])
async def test_a_failing_statement_is_an_error_of_its_kind(
    connect: Connect, prepare_threshold: int | None
) -> None:
    wire = await connect(prepare_threshold=prepare_threshold)
    working = Asked("select 1")

    with pytest.raises(errors.DivisionByZero, match="division by zero"):
        await wire.fly([working, BROKEN, working], opening_of(str(uuid4())), COMMIT)

    assert await is_clean(wire)
    assert await alone(wire, working) == [[(1,)]]


async def test_a_statement_that_fails_on_a_later_level_rolls_everything_back(wire: Wire) -> None:
    await wire.fly([VIEWER], opening_of(str(uuid4())))

    with pytest.raises(errors.DivisionByZero):
        await wire.fly([BROKEN])

    assert await is_clean(wire)


async def test_a_statement_that_cannot_be_prepared_is_not_taken_for_prepared(wire: Wire) -> None:
    unknown = Asked("select * from no_such_table")
    after = Asked("select 'after'")

    for _ in range(2):
        with pytest.raises(errors.UndefinedTable):
            await alone(wire, unknown, after)

    assert await alone(wire, after) == [[("after",)]]


async def test_a_flight_only_reads_where_its_opening_says_so(wire: Wire) -> None:
    with pytest.raises(errors.ReadOnlySqlTransaction):
        await alone(wire, Asked("create temporary table mine (n int)"), Asked("drop table mine"))

    assert await is_clean(wire)


async def test_statements_are_prepared_once(wire: Wire) -> None:
    for _ in range(3):
        ((found,), *_) = await alone(wire, PREPARED, *[Asked("select $1::int", (1,))] * 4)

    assert found == (4,)  # begin, commit, and the two statements


async def test_nothing_is_prepared_for_a_connection_that_changes_hands(connect: Connect) -> None:
    wire = await connect(prepare_threshold=None)

    for _ in range(3):
        ((found,),) = await alone(wire, PREPARED)

    assert found == (0,)


async def test_ten_thousand_statements_leave_a_bounded_number_prepared(wire: Wire) -> None:
    for n in range(0, 10_000, 100):
        await alone(wire, *(Asked(f"select {n + m}") for m in range(100)))

    (((count,),),) = await alone(wire, PREPARED)
    assert count == KEPT


async def test_a_flight_may_hold_more_statements_than_are_kept(wire: Wire) -> None:
    asked = [Asked(f"select {n % 300}") for n in range(600)]

    assert await alone(wire, *asked) == [[(n % 300,)] for n in range(600)]


async def test_a_failed_flight_forgets_no_statement_that_is_to_be_closed(wire: Wire) -> None:
    for n in range(0, 1000, 50):
        with pytest.raises(errors.DivisionByZero):
            await alone(wire, BROKEN, *(Asked(f"select {n + m}") for m in range(50)))
        await alone(wire, *(Asked(f"select {n + m}") for m in range(50)))

    (((count,),),) = await alone(wire, PREPARED)
    assert count == KEPT


@pytest.fixture
def changing(owner: psycopg.Connection) -> Sequence[str]:
    """A table with one row, and the change of its column's type."""
    name = f"changing_{uuid4().hex}"
    owner.execute(f"create table {name} as select 1 as n; grant select on {name} to public")
    return f"select n from {name}", f"alter table {name} alter n type text"


async def test_a_changed_table_is_read_anew(
    wire: Wire, owner: psycopg.Connection, changing: Sequence[str]
) -> None:
    read, change = changing
    before = await wire.fly([Asked(read)], opening_of(str(uuid4())), COMMIT)
    owner.execute(change)

    after = await wire.fly([Asked(read), VIEWER], opening_of(str(uuid4())), COMMIT)

    assert (before, after[0]) == ([[(1,)]], [("1",)])
    assert after[1][0][0] == "authenticated"
    assert await is_clean(wire)


async def test_a_table_that_changes_under_an_older_snapshot_fails_once(
    wire: Wire, owner: psycopg.Connection, changing: Sequence[str]
) -> None:
    read, change = changing
    await alone(wire, Asked(read))
    await wire.fly([VIEWER], [BEGIN])
    owner.execute(change)

    with pytest.raises(errors.FeatureNotSupported):
        await wire.fly([Asked(read)])

    assert await alone(wire, Asked(read)) == [[("1",)]]


async def test_statements_that_somebody_deallocated_are_prepared_anew(wire: Wire) -> None:
    await alone(wire, VIEWER)
    await wire.execute("deallocate all")

    assert await is_clean(wire)


async def test_what_is_not_supported_stays_an_error(wire: Wire) -> None:
    with pytest.raises(errors.FeatureNotSupported):
        await alone(wire, Asked("select array_position(array[array[1]], 1)"))


@pytest.mark.parametrize("level", [1, 2])
async def test_a_cancelled_flight_stops_its_statement(
    wire: Wire, owner: psycopg.Connection, level: int
) -> None:
    opening = opening_of(str(uuid4()))
    if level == 2:
        await wire.fly([VIEWER], opening)
        opening = []
    flying = asyncio.create_task(wire.fly([SLEEP, VIEWER], opening, COMMIT))
    await asyncio.sleep(0.1)

    flying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(flying, 5)

    backend = wire.info.backend_pid
    state = owner.execute("select state from pg_stat_activity where pid = %s", (backend,))
    assert state.fetchone() == ("idle",)
    assert await is_clean(wire)


async def test_a_flight_may_be_cancelled_at_any_moment(connect: Connect) -> None:
    wire = await connect()
    for delay in range(60):
        if wire.closed:
            wire = await connect()
        asked = [Asked(f"select {n}, pg_sleep(0.001)") for n in range(3)]
        flying = asyncio.create_task(wire.fly(asked, opening_of(str(uuid4())), COMMIT))
        await asyncio.sleep(delay / 10_000)
        flying.cancel()
        await asyncio.gather(flying, return_exceptions=True)
        assert wire.closed or await is_clean(wire)


async def test_a_flight_that_is_cancelled_twice_closes_its_connection(wire: Wire) -> None:
    flying = asyncio.create_task(wire.fly([SLEEP], [BEGIN]))
    await asyncio.sleep(0.1)

    flying.cancel()
    await asyncio.sleep(0)
    flying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await flying

    assert wire.closed


async def test_a_lost_connection_fails_the_flight_and_is_closed(
    wire: Wire, owner: psycopg.Connection
) -> None:
    flying = asyncio.create_task(wire.fly([SLEEP, VIEWER], [BEGIN], COMMIT))
    await asyncio.sleep(0.1)

    owner.execute("select pg_terminate_backend(%s, 5000)", (wire.info.backend_pid,))

    with pytest.raises(psycopg.OperationalError):
        await asyncio.wait_for(flying, 5)
    assert wire.closed


async def test_a_connection_lost_between_two_levels_is_closed(
    wire: Wire, owner: psycopg.Connection
) -> None:
    await wire.fly([VIEWER], [BEGIN])
    owner.execute("select pg_terminate_backend(%s, 5000)", (wire.info.backend_pid,))

    with pytest.raises(psycopg.OperationalError):
        await wire.fly([VIEWER])
    assert wire.closed


async def test_a_closed_wire_says_so(wire: Wire) -> None:
    await wire.close()

    with pytest.raises(psycopg.OperationalError):
        await alone(wire, VIEWER)


async def test_many_viewers_share_few_wires_and_never_see_each_other(gateway_url: str) -> None:
    pool: AsyncConnectionPool[Wire] = AsyncConnectionPool(
        gateway_url, connection_class=Wire, min_size=4, open=False, kwargs={"autocommit": True}
    )
    await pool.open(wait=True)

    async def visit(number: int) -> bool:
        viewer = str(uuid4())
        async with pool.connection() as wire:
            found = await wire.fly([VIEWER], opening_of(viewer))
            if number % 4 == 3:
                with pytest.raises(errors.DivisionByZero):
                    await wire.fly([BROKEN])
            else:
                found += await wire.fly([VIEWER, VIEWER], closing=COMMIT)
        return all(json.loads(claims)["sub"] == viewer for ((_, claims),) in found)

    assert all(await asyncio.gather(*map(visit, range(64))))
    async with pool.connection() as wire:
        assert await is_clean(wire)
    await pool.close()
