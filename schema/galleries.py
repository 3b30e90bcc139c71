"""How galleries are asked for: their filters, orders and pages, and what facets answer."""

from collections.abc import Mapping
from typing import Any

import strawberry
from strawberry import UNSET

from db.filters import GalleryFilter
from db.generations import MediaType
from db.neighbours import GalleryPage
from db.orders import Direction, GalleryOrder, OrderBy
from db.slices import Page
from engine.declarations import registry
from schema.fields import PAGE, choices, taken_id, taken_page
from schema.scalars import DateTime

ARGUMENTS = {
    "filter": "Which generations are wanted; all of them without it.",
    "order": "How they are sorted; the newest first without it.",
}
OUTSIDE_LISTS = ("offset",)


def _taken_page(name: str, values: Mapping[str, Any]) -> Page:
    taken = dict(values)
    if "around" in taken:
        taken["around"] = taken_id("around", taken["around"])
    return taken_page(GalleryPage)(name, taken)


choices(
    OrderBy,
    "What a gallery is sorted by.",
    called="GalleryOrderBy",
    created_at="When it was made; the newest first.",
    updated_at="When people last changed it; the newest first.",
    name="What people call it, by code points; whatever has no name comes last.",
    starred_first="Favourites first, then the newest; it has no other direction.",
    timeline_frame="Its first frame in the one shot of the list; unplaced ones come last.",
)
choices(
    Direction,
    "Which end of an order comes first.",
    called="OrderDirection",
    asc="The smallest or oldest first.",
    desc="The largest or newest first.",
)


@registry.input(
    GalleryFilter,
    name="GalleryFilter",
    description="Conditions that must all hold, at most 50 with those nested inside.",
)
class FilterInput:
    media_type: MediaType | None = strawberry.field(
        default=UNSET, description="Images or videos; what has no type is an image."
    )
    tool_types: list[str] | None = strawberry.field(
        default=UNSET, description="Made by one of these tools."
    )
    models: list[str] | None = strawberry.field(
        default=UNSET, description="Made by one of these models."
    )
    starred: bool | None = strawberry.field(
        default=UNSET, description="Marked as a favourite, or not."
    )
    edits: bool | None = strawberry.field(
        default=UNSET, description="Made from another generation, or not."
    )
    shots: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="In one of these shots, placed or not."
    )
    no_shot: bool | None = strawberry.field(
        default=UNSET, description="In no shot at all, or in some shot."
    )
    positioned: bool | None = strawberry.field(
        default=UNSET,
        description="With a place in one of `shots`, or without any there; where no shot is named,"
        " with a place in any shot of the project, or in none.",
    )
    search: str | None = strawberry.field(
        default=UNSET,
        description="Words of the prompt or the name, all of them, the last maybe unfinished.",
    )
    run: strawberry.ID | None = strawberry.field(default=UNSET, description="Made by this run.")
    task: strawberry.ID | None = strawberry.field(default=UNSET, description="Made by this task.")
    parent: strawberry.ID | None = strawberry.field(
        default=UNSET, description="The children of this generation; asks for children."
    )
    include_children: bool | None = strawberry.field(
        default=UNSET, description="Let children of other generations into the list as well."
    )
    created_after: DateTime | None = strawberry.field(
        default=UNSET, description="Made at this moment or later."
    )
    created_before: DateTime | None = strawberry.field(
        default=UNSET, description="Made before this moment."
    )
    has_unviewed_variants: bool | None = strawberry.field(
        default=UNSET, description="With takes that nobody has looked at, or without."
    )
    and_: list["FilterInput"] | None = strawberry.field(
        name="and", default=UNSET, description="Filters that must all be passed as well."
    )
    or_: list["FilterInput"] | None = strawberry.field(
        name="or", default=UNSET, description="Filters of which one must be passed as well."
    )
    not_: "FilterInput | None" = strawberry.field(
        name="not", default=UNSET, description="A filter that must not be passed."
    )


@registry.input(
    GalleryOrder, name="GalleryOrder", description="What to sort by, and from which end."
)
class OrderInput:
    by: OrderBy = strawberry.field(
        default=OrderBy.CREATED_AT, description="What to sort by; ids decide between equals."
    )
    direction: Direction | None = strawberry.field(
        default=UNSET,
        description="Which end comes first. Without it: the newest, A, the earliest frame.",
    )


registry.group(
    GalleryPage,
    PAGE
    | {
        "around": (
            strawberry.ID | None,
            "An item: the page of `first` items that holds it, with its neighbours.",
        ),
        "offset": (
            int | None,
            "How many items to skip, 0 to 10,000; only for a gallery that is in no other list.",
        ),
    },
    _taken_page,
)
