"""Orders: how a gallery may be sorted, each a total order with an index behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, cast, func, literal_column

from db import generations
from db.errors import BadInput
from db.paging import Order


class OrderBy(Enum):
    """What a gallery is sorted by."""

    CREATED_AT = "created"
    UPDATED_AT = "updated"
    NAME = "name"
    STARRED_FIRST = "starred"
    TIMELINE_FRAME = "frame"


class Direction(Enum):
    """Which end of an order comes first."""

    ASC = "ascending"
    DESC = "descending"


@dataclass(frozen=True)
class GalleryOrder:
    """What to sort by, and from which end; without a direction, the one that is natural for it."""

    by: OrderBy = OrderBy.CREATED_AT
    direction: Direction | None = None

    def __post_init__(self) -> None:
        if self.by is OrderBy.STARRED_FIRST and self.direction is not None:
            raise BadInput("Starred first has no other direction.", "order.direction")

    @property
    def descending(self) -> bool:
        """Whether the largest comes first."""
        if self.direction is None:
            return self.by not in _UPWARD
        return self.direction is Direction.DESC

    def over(self, shot: ColumnElement[Any]) -> Order:
        """The order itself; frames are those of the shot."""
        columns = _COLUMNS[self.by](self.descending, shot)
        return Order(self.by.value, (*columns, _one.id), self.descending)


def _name(descending: bool) -> ColumnElement[Any]:
    return generations.name_order_downward if descending else generations.name_order


def _frame(descending: bool, shot: ColumnElement[Any]) -> ColumnElement[Any]:
    frame = cast(_one.shot_data.op("->>", return_type=Text())(cast(shot, Text)), BigInteger)
    return func.coalesce(frame, literal_column("-1" if descending else "2147483648"))


_one = generations.table.c
_UPWARD = (OrderBy.NAME, OrderBy.TIMELINE_FRAME)
_Columns = Callable[[bool, ColumnElement[Any]], tuple[ColumnElement[Any], ...]]

# Whatever has no name or no frame comes last in both directions.
_COLUMNS: dict[OrderBy, _Columns] = {
    OrderBy.CREATED_AT: lambda *_: (_one.created_at,),
    OrderBy.UPDATED_AT: lambda *_: (_one.updated_at,),
    OrderBy.NAME: lambda descending, _: (_name(descending),),
    OrderBy.STARRED_FIRST: lambda *_: (_one.starred, _one.created_at),
    OrderBy.TIMELINE_FRAME: lambda descending, shot: (_frame(descending, shot),),
}
