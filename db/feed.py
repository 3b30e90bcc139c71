"""The feed: reads what was committed, for whoever tells others of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, repeat
from operator import itemgetter
from typing import Any

import psycopg

from db.base import Keys
from db.errors import Unavailable
from db.events import Change, Delta, Event, Kind, Latest, Op, Place
from db.session import Database
from db.wire import Asked, Values

MOST_IDS = 500
MOST_TICKS = 200

# What is to be loaded again when a writer does not say, by the tables that it has changed.
USUAL_SCOPES: Mapping[str, tuple[str, ...]] = {
    "shots": ("SHOTS",),
    "shot_generations": ("SHOTS", "IMAGES", "COUNTS", "UNIFIED"),
    "generations": ("IMAGES", "METADATA", "COUNTS", "UNIFIED"),
    "generation_variants": ("IMAGES", "METADATA", "COUNTS", "UNIFIED"),
    "runs": ("METADATA",),
}

_BEGIN = Asked("begin isolation level read committed read only")
# Planning for all slots takes longer than reading one.
_MACHINERY = Asked(
    "select set_config('role', 'service_role', true),"
    " set_config('plan_cache_mode', 'force_generic_plan', true)"
)
_COMMIT = [Asked("commit")]
_CLOCKS = """
select s.scope::text, f.epoch::text, coalesce(c.tick, 0)
from unnest($1::uuid[]) s (scope)
  cross join feed f
  left join clocks c on c.scope = s.scope
"""
_AFTER = f"""
select
  w.turn, f.epoch::text, coalesce(c.tick, 0), k.is_known, t.tick,
  to_char(timezone('UTC', t.at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), t.reason, t.scopes, t.origin,
  x.tbl, x.op, case when x.total <= {MOST_IDS} then x.ids::text[] end, x.cols, x.shot_ids::text[],
  x.parents::text[]
from unnest($1::uuid[], $2::uuid[], $3::bigint[])
    with ordinality w (scope, epoch, after, turn)
  cross join feed f
  left join clocks c on c.scope = w.scope
  cross join lateral (
    select
      w.epoch = f.epoch and w.after between coalesce(c.min_tick, 0) and coalesce(c.tick, 0)
        as is_known
  ) k
  left join lateral (
    select *
    from ticks t
    where k.is_known and t.scope = w.scope and t.tick > w.after
    order by t.tick
    limit {MOST_TICKS}
  ) t on true
  left join lateral (
    select *, sum(x.number) over () as total
    from changes x
    where x.slot = t.slot and x.tx = t.tx and x.scope = t.scope
  ) x on true
where not k.is_known or c.tick > w.after
order by w.turn, t.tick, x.seq
"""  # noqa: S608
_LATEST = """
select f.epoch::text, coalesce(c.tick, 0), l.tbl, l.id::text, l.tick, l.op
from feed f
  left join clocks c on c.scope = $1::uuid
  left join lateral (
    select distinct on (x.tbl, i.id) x.tbl, i.id, t.tick, x.op
    from ticks t
      join changes x on x.slot = t.slot and x.tx = t.tx and x.scope = t.scope
      cross join lateral unnest(x.ids) i (id)
    where t.scope = c.scope and t.tick > $3::bigint
    order by x.tbl, i.id, t.tick desc, x.seq desc
  ) l on true
where f.epoch = $2::uuid
  and $3::bigint between coalesce(c.min_tick, 0) and coalesce(c.tick, 0)
  and coalesce(c.tick, 0) - $3::bigint = (
    select count(*) from ticks t where t.scope = $1::uuid and t.tick > $3::bigint
  )
order by l.tick, l.tbl, l.id
"""


class Feed:
    """Reads for the product's own machinery; who may be told of it is for others to decide."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def now(self, scopes: Keys) -> Mapping[str, Place]:
        """Where the clocks of scopes stand."""
        rows = await self._read(_CLOCKS, list(scopes))
        return {scope: Place(epoch, scope, tick) for scope, epoch, tick in rows}

    async def after(self, places: Sequence[Place]) -> Mapping[Place, Sequence[Event]]:
        """What came after those places that something came after: at most 200 events each.

        Where nobody can tell any more, it is one event that says RESYNC.
        """
        scopes = [place.scope for place in places]
        epochs = [place.epoch for place in places]
        ticks = [str(place.tick) for place in places]
        rows = await self._read(_AFTER, scopes, epochs, ticks)
        return {
            places[turn - 1]: _checked(places[turn - 1], list(lines))
            for turn, lines in groupby(rows, key=itemgetter(0))
        }

    async def delta(self, place: Place) -> Delta | None:
        """What became of rows after a place; None where nobody can tell."""
        rows = await self._read(_LATEST, place.scope, place.epoch, place.tick)
        if not rows:
            return None
        latest = tuple(
            Latest(table, id, tick, Op(op)) for *_, table, id, tick, op in rows if table is not None
        )
        (epoch, tick, *_), *_ = rows
        return Delta(Place(epoch, place.scope, tick), latest)

    async def _read(self, text: str, *values: Any) -> Values:
        try:
            wire = await self._database.take()
            try:
                asked = Asked(text, values)
                (rows,) = await wire.fly([asked], [_BEGIN, _MACHINERY], _COMMIT)
            finally:
                await self._database.give_back(wire)
        except psycopg.Error as error:
            raise Unavailable("The database is away; try again later.") from error
        return rows


def _checked(place: Place, rows: list[Any]) -> Sequence[Event]:
    """The events in these rows; where one is missing, it was swept away meanwhile."""
    _, epoch, now, is_known, *_ = rows[0]
    ticks = [(tick, list(lines)) for tick, lines in groupby(rows, key=itemgetter(4))]
    until = min(now, place.tick + MOST_TICKS)
    is_whole = [tick for tick, _ in ticks] == list(range(place.tick + 1, until + 1))
    if not is_known or not is_whole or any(lines[0][9] is None for _, lines in ticks):
        return [Event(Place(epoch, place.scope, now), Kind.RESYNC)]
    return [_event(Place(epoch, place.scope, tick), lines) for tick, lines in ticks]


def _event(place: Place, lines: list[Any]) -> Event:
    at, reason, scopes, origin = lines[0][5:9]
    tables = tuple(dict.fromkeys(line[9] for line in lines))
    is_bulk = any(line[11] is None for line in lines)
    return Event(
        place,
        Kind.BULK if is_bulk else Kind.CHANGE,
        at,
        reason,
        tuple(scopes) or _usual_scopes(tables),
        origin,
        tuple(dict.fromkeys(shot for line in lines for shot in line[13])),
        tables,
        () if is_bulk else tuple(_changes(lines)),
    )


def _usual_scopes(tables: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(scope for table in tables for scope in USUAL_SCOPES.get(table, ())))


def _changes(lines: Iterable[Any]) -> Iterable[Change]:
    """What became of each row in all, whatever happened to it on the way."""
    found: dict[tuple[str, str], Change] = {}
    for table, op, ids, columns, _, parents in (line[9:] for line in lines):
        for id, parent in zip(ids, parents or repeat(None), strict=False):
            now = Change(table, id, Op(op), tuple(columns), parent)
            before = found.get((table, id))
            found[table, id] = _merged(before, now) if before else now
    return found.values()


def _merged(before: Change, now: Change) -> Change:
    if now.op is Op.DELETE:
        return now
    if before.op is Op.UPDATE and now.op is Op.UPDATE:
        columns = dict.fromkeys((*before.columns, *now.columns))
        return replace(now, columns=tuple(columns))
    # What came, and what came again after it had gone, is told as it was first seen to come.
    return replace(now, op=Op.INSERT, columns=())
