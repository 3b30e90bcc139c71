"""What connections answer: items, places, and how many there are in all."""

from db.paging import Edge, PageInfo
from db.rows import Row
from engine.relations import Connected


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


def cursor(edge: Edge) -> str:
    """The item's place, as opaque text for `after` and `before`."""
    return edge.cursor
