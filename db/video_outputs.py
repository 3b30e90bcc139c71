"""Video outputs: what was made of a shot, and which segment shows which pair of its timeline."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Text, any_, cast, exists, func, not_, select, true, tuple_

from db import generations, paging, relations, shot_entries, timelines
from db.base import Columns, Keys
from db.generations import MediaType
from db.paging import Order
from db.rows import Row, Source, by_key, grouped
from db.session import Session
from db.slices import Page, Shape, Slice
from db.statements import Selection, keys, statement

MOST_SLOTS = 500

_entry = shot_entries.table
_one = generations.table.c
_video = func.media_type(_one.type) == MediaType.VIDEO.value


def _first_in_the_shot() -> ColumnElement[bool]:
    older = _entry.alias("older")
    same = (older.c.shot_id == _entry.c.shot_id, older.c.generation_id == _entry.c.generation_id)
    before = tuple_(older.c.created_at, older.c.id) < tuple_(_entry.c.created_at, _entry.c.id)
    return not_(exists().where(*same, before))


def _shows_a_whole_video() -> ColumnElement[bool]:
    return exists().where(_one.id == _entry.c.generation_id, _video, not_(_one.is_child))


source = Source("video_output", _entry, joins=shot_entries.source.joins)
_NEWEST = Order("newest", (_entry.c.created_at, _entry.c.id), descending=True)
_whole = (_shows_a_whole_video(), _first_in_the_shot())

by_shot = relations.paged(
    source,
    _entry.c.shot_id,
    _NEWEST,
    "Its videos with a slot for each pair, the newest first: unfinished ones too, no segments.",
    *_whole,
)
count_by_shot = relations.counted(_entry.c.shot_id, *_whole)

_MADE_LAST = Order("newest", (_one.created_at, _one.id), descending=True)


async def final_by_shot(
    session: Session, ids: Keys, columns: Columns, page: Page
) -> Mapping[str, Slice]:
    """Its videos that have a file and are not segments of others, the newest first."""
    statement = _final(columns, page.shape)
    row = generations.source.row(columns)
    return await paging.pages(session, statement, row, ids, page, _MADE_LAST, _FINAL)


async def count_final_by_shot(session: Session, ids: Keys, columns: Columns) -> Mapping[str, Row]:
    """How many finished videos there are."""
    return by_key(await session.fetch(_count_final(), keys=ids), relations.Count)


async def slots(session: Session, ids: Keys, columns: Columns) -> Mapping[str, list[Row]]:
    """One slot for each pair of the shot's timeline, in order; the first 500.

    A segment fills the slot of the pair whose start entry it names, and only when it names none
    the slot of its child order; of several the newest does.
    """
    return grouped(await session.fetch(_slots(columns), keys=ids), _SLOT.row(columns))


_FINAL = paging.scope("video_outputs.final_by_shot", _MADE_LAST)


@statement
def _final(columns: Columns, shape: Shape) -> Selection:
    return paging.lateral(
        generations.source, columns, _MADE_LAST, shape, _in_shot, _video, generations.in_gallery
    )


@statement
def _count_final() -> Selection:
    return relations.count_of(_in_shot, _video, generations.in_gallery)


def _in_shot(shot: Any) -> ColumnElement[bool]:
    of_shot = select(_entry.c.generation_id).where(_entry.c.shot_id == shot).correlate(shot.table)
    # As an array, so that no plan looks through generations of other shots.
    return _one.id == any_(func.array(of_shot.scalar_subquery()))


_output = _entry.alias("output")
_line = timelines.line.c
_segment = (
    select(_one.id)
    .where(_one.parent_generation_id == _output.c.generation_id, _video)
    .order_by(*_MADE_LAST.by(False))
    .limit(1)
    .correlate(_output, timelines.line)
)
_tethered = _segment.where(_one.pair_shot_generation_id == _line.start_id)
_counted = _segment.where(
    _one.pair_shot_generation_id.is_(None), generations.child_rank == _line.index
)

_SLOT = Source(
    "video_slot",
    timelines.line,
    {
        **timelines.pairs.expressions,
        "segment_id": cast(
            func.coalesce(_tethered.scalar_subquery(), _counted.scalar_subquery()), Text
        ),
    },
)


@statement
def _slots(columns: Columns) -> Selection:
    slot = (
        _SLOT.select(columns, _line.start_frame.label("place_"))
        .where(_line.shot_id == _output.c.shot_id, timelines.is_pair)
        .order_by(_line.start_frame)
        .limit(MOST_SLOTS)
        .lateral("slot")
    )
    found = [column for column in slot.c if column.name != "place_"]
    return (
        select(*found, cast(_output.c.id, Text))
        .select_from(_output.join(slot, true()))
        .where(_output.c.id == any_(keys()))
        .order_by(_output.c.id, slot.c.place_)
    )
