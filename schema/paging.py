"""Pages as Relay knows them: connections, edges, page info, total counts."""

from typing import Generic, TypeVar

import strawberry

from db.rows import CURSOR, MORE
from engine.declarations import attribute, column, part
from engine.relations import totalled

Item = TypeVar("Item")


@strawberry.type(description="Where a page begins and ends, and whether there is more.")
class PageInfo:
    has_next_page: bool = attribute(
        "Whether items follow this page, up to `before` where it is given; with `last`, whether"
        " `before` is given.",
        reads=(MORE,),
    )
    has_previous_page: bool = attribute(
        "With `last`, whether items precede this page, down to `after` where it is given; else"
        " whether `after` or an `offset` is given. Around an item, whether items precede it.",
        reads=(MORE,),
    )
    start_cursor: str | None = attribute("The cursor of the page's first item.", reads=(CURSOR,))
    end_cursor: str | None = attribute("The cursor of the page's last item.", reads=(CURSOR,))


@strawberry.type(description="How many items a whole list has.")
class TotalCount:
    value: int = column("The number of items, 10,000 when there are more.")
    exact: bool = column("False when there are more items than `value` says.")


@strawberry.type(description="An item and its place in the list.")
class Edge(Generic[Item]):
    cursor: str = attribute(
        "The item's place, as opaque text for `after` and `before`.", reads=(CURSOR,)
    )
    node: Item = part("The item itself.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[Item]):
    edges: list[Edge[Item]] = part("The items of this page with their cursors.", "page.edges")
    nodes: list[Item] = part("The items of this page.", "page.nodes")
    page_info: PageInfo = part(
        "Where this page begins and ends, and whether there is more.", "page.page_info"
    )
    total_count: TotalCount = totalled(
        "How many items the whole list has, counted only when asked."
    )
