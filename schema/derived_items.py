"""What was made from a generation, whether a generation or an edited take."""

import asyncio
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from engine.declarations import resolved_by
from resolvers import paging
from schema import nodes, refs
from schema.paging import PageInfo, TotalCount

DerivedItem = Annotated[
    refs.Generation | refs.Variant,
    strawberry.union(
        "DerivedItem", description="A generation made from another, or an edited take of it."
    ),
]


async def _node(root: Any, info: Info) -> Any:
    return await nodes.referred(info, root.node)


async def _nodes(root: Any, info: Info) -> Any:
    return await asyncio.gather(*(nodes.referred(info, row) for row in root.page.nodes))


@strawberry.type(description="An item and its place in the list.")
class DerivedItemEdge:
    cursor: str = resolved_by(paging.cursor)
    node: DerivedItem = strawberry.field(resolver=_node, description="The item itself.")


@strawberry.type(description="One page of a list.")
class DerivedItemConnection:
    edges: list[DerivedItemEdge] = resolved_by(paging.edges)
    nodes: list[DerivedItem] = strawberry.field(
        resolver=_nodes, description="The items of this page."
    )
    page_info: PageInfo = resolved_by(paging.page_info)
    total_count: TotalCount = resolved_by(paging.total_count)
