"""Timelines: the images of a shot by their frames, and the pairs that neighbours make."""

from typing import Any

from sqlalchemy import Boolean, Double, Integer, Text, cast, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from db import edits, relations, shot_entries, shots
from db.edits import ID, IDS
from db.generations import MediaType
from db.paging import Order
from db.rows import Source

FRAMES_PER_SECOND = 16

_entry = shot_entries.table.c

_placed_image = (_entry.timeline_frame.is_not(None), shot_entries.shows(MediaType.IMAGE))
_BY_FRAME = Order("timeline frame", (_entry.timeline_frame, _entry.id))

by_shot = relations.paged(
    shot_entries.source,
    _entry.shot_id,
    _BY_FRAME,
    "Its placed images by their timeline frames; videos are left out.",
    *_placed_image,
)
count_by_shot = relations.counted(_entry.shot_id, *_placed_image)

move_to_frame = edits.called("move_entry_to_frame", entry=ID, frame=Integer)
move_to_position = edits.called("move_entry_to_position", entry=ID, position=Integer)
move_to_midpoint = edits.called("move_entry_to_midpoint", entry=ID, after=ID, before=ID)
unposition = edits.called("unposition_entries", shot=ID, entries=IDS)
reorder = edits.called("reorder_entries", shot=ID, entries=IDS)
swap = edits.called("swap_entries", entry=ID, other=ID)
set_frames = edits.called("set_entry_frames", shot=ID, entries=IDS, frames=ARRAY(Integer))
_rules = {"smooth": Boolean, "context_frames": Integer, "quantised": Boolean}
initialise = edits.called("initialise_frames", shot=ID, gap=Integer, **_rules)
fix_spacing = edits.called("fix_timeline_spacing", shot=ID, **_rules)

_along: dict[str, Any] = {
    "partition_by": _entry.shot_id,
    "order_by": (_entry.timeline_frame, _entry.id),
}
line = (
    select(
        _entry.shot_id,
        (func.row_number().over(**_along) - literal_column("1")).label("index"),
        _entry.id.label("start_id"),
        _entry.timeline_frame.label("start_frame"),
        _entry.metadata,
        func.lead(_entry.id, type_=ID).over(**_along).label("end_id"),
        func.lead(_entry.timeline_frame, type_=Integer).over(**_along).label("end_frame"),
    )
    .where(*_placed_image)
    .subquery("line")
)
is_pair = line.c.end_id.is_not(None)

_frames = line.c.end_frame - line.c.start_frame
_travel = shots.table.c.settings[literal("travel-between-images", Text)]
_prompt, _negative, _enhanced = (
    func.param_text(line.c.metadata, literal(key, Text), type_=Text)
    for key in ("pair_prompt", "pair_negative_prompt", "enhanced_prompt")
)
_shot_prompt = (
    select(func.param_text(_travel, literal("prompt", Text), type_=Text))
    .where(shots.table.c.id == line.c.shot_id)
    .scalar_subquery()
)
_nothing = literal("", Text)

pairs = Source(
    "pair",
    line,
    {
        "frames": _frames,
        "seconds": cast(_frames, Double) / literal(FRAMES_PER_SECOND, Integer),
        "prompt": _prompt,
        "negative_prompt": _negative,
        "enhanced_prompt": _enhanced,
        "resolved_prompt": func.coalesce(
            func.nullif(_prompt, _nothing),
            func.nullif(_enhanced, _nothing),
            _shot_prompt,
            _nothing,
        ),
    },
)
_FROM_THE_START = Order("start frame", (line.c.start_frame, line.c.start_id))

pairs_by_shot = relations.paged(
    pairs,
    line.c.shot_id,
    _FROM_THE_START,
    "Its transitions from each image of the timeline to the next: one less than there are images.",
    is_pair,
)
count_pairs_by_shot = relations.counted(line.c.shot_id, is_pair)
