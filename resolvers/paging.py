"""What connections answer: items, places, and how many there are in all."""

from collections.abc import Awaitable
from typing import Any

from db.paging import Edge, PageInfo
from db.rows import Row
from engine.relations import Connected
from resolvers.context import Context


def edges(connection: Connected) -> list[Edge]:
    """The items of this page with their cursors."""
    found: list[Edge] = connection.page.edges
    return found


def nodes(connection: Connected) -> list[Row]:
    """The items of this page."""
    found: list[Row] = connection.page.nodes
    return found


def page_info(connection: Connected) -> PageInfo:
    """Where this page begins and ends, and whether there is more."""
    found: PageInfo = connection.page.page_info
    return found


def total_count(connection: Connected, context: Context) -> Awaitable[Any]:
    """How many items the whole list has, counted only when asked."""
    return connection.total(context)


def cursor(edge: Edge) -> str:
    """The item's place, as opaque text for `after` and `before`."""
    return edge.cursor
