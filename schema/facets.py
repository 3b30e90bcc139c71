"""Facets: what a gallery can be narrowed down to, and how many would be left."""

import strawberry

from db.generations import MediaType
from engine.declarations import column


@strawberry.type(description="How many generations are images, or videos.")
class MediaTypeFacet:
    value: MediaType = column("Image or video.")
    count: int = column("How many generations there are.")


@strawberry.type(description="How many generations have a value.")
class TextFacet:
    value: str = column("The value.")
    count: int = column("How many generations have it.")


@strawberry.type(description="How many generations are so, or are not.")
class FlagFacet:
    value: bool = column("Whether they are.")
    count: int = column("How many generations there are.")


@strawberry.type(
    description="How many generations of a gallery there are of each kind: the most frequent"
    " values first, at most 366 of each kind."
)
class GalleryFacets:
    total: int = column("How many generations there are in all.")
    media_types: list[MediaTypeFacet] = column("Images and videos; what has no type is an image.")
    tool_types: list[TextFacet] = column("By the tool that made them, where one is known.")
    models: list[TextFacet] = column("By the model that made them, where one is known.")
    starred: list[FlagFacet] = column("Favourites, and what is none.")
    unpositioned: list[FlagFacet] = column(
        "Without a place in any shot: in none at all, or only waiting in some. The filter"
        " `positioned: false` lists them."
    )
    days: list[TextFacet] = column(
        "By the day in UTC on which they were made, as in 2026-01-31, the newest first."
    )
