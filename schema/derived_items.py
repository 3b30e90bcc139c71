"""What was made from a generation, whether a generation or an edited take."""

from typing import Annotated

import strawberry

from db import generations, variants
from db.rows import CURSOR
from engine.declarations import attribute, part
from engine.references import Kinds, refers_by
from engine.relations import totalled
from schema import refs
from schema.paging import PageInfo, TotalCount

KINDS: Kinds = {
    "generation": ("Generation", generations.by_id),
    "variant": ("Variant", variants.by_id),
}
DerivedItem = Annotated[
    refs.Generation | refs.Variant,
    strawberry.union(
        "DerivedItem", description="A generation made from another, or an edited take of it."
    ),
]


@strawberry.type(description="An item and its place in the list.")
class DerivedItemEdge:
    cursor: str = attribute(
        "The item's place, as opaque text for `after` and `before`.", reads=(CURSOR,)
    )
    node: DerivedItem = refers_by(lambda edge: edge.node, KINDS, "The item itself.")


@strawberry.type(description="One page of a list.")
class DerivedItemConnection:
    edges: list[DerivedItemEdge] = part("The items of this page with their cursors.", "page.edges")
    nodes: list[DerivedItem] = refers_by(
        lambda connection: connection.page.nodes, KINDS, "The items of this page."
    )
    page_info: PageInfo = part(
        "Where this page begins and ends, and whether there is more.", "page.page_info"
    )
    total_count: TotalCount = totalled(
        "How many items the whole list has, counted only when asked."
    )
