"""Pages as Relay knows them: connections, edges, page info, total counts."""

from typing import Generic, TypeVar

import strawberry

from engine.declarations import column, part, resolved_by
from engine.relations import totalled
from resolvers import paging

Item = TypeVar("Item")


@strawberry.type(description="Where a page begins and ends, and whether there is more.")
class PageInfo:
    has_next_page: bool = column(
        "Whether items follow this page, up to `before` where it is given; with `last`, whether"
        " `before` is given."
    )
    has_previous_page: bool = column(
        "With `last`, whether items precede this page, down to `after` where it is given; else"
        " whether `after` or an `offset` is given. Around an item, whether items precede it."
    )
    start_cursor: str | None = column("The cursor of the page's first item.")
    end_cursor: str | None = column("The cursor of the page's last item.")


@strawberry.type(description="How many items a whole list has.")
class TotalCount:
    value: int = column("The number of items, 10,000 when there are more.")
    exact: bool = column("False when there are more items than `value` says.")


@strawberry.type(description="An item and its place in the list.")
class Edge(Generic[Item]):
    cursor: str = resolved_by(paging.cursor)
    node: Item = part("The item itself.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[Item]):
    edges: list[Edge[Item]] = resolved_by(paging.edges, same_row=True)
    nodes: list[Item] = resolved_by(paging.nodes, same_row=True)
    page_info: PageInfo = resolved_by(paging.page_info)
    total_count: TotalCount = totalled(
        "How many items the whole list has, counted only when asked."
    )
