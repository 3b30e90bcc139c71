"""Slices: which part of a list is asked for, and that part once it is read."""

from dataclasses import dataclass

from db.cursors import Cursors
from db.errors import BadInput
from db.rows import Row

DEFAULT = 50
LARGEST = 500


@dataclass(frozen=True)
class Page:
    """Which part of a list: `first` after a cursor, or `last` before one; 0 to 500 rows."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    def __post_init__(self) -> None:
        if self.first is not None and self.last is not None:
            raise BadInput("Ask for `first` or for `last`, not for both.", "last")
        for name, size in (("first", self.first), ("last", self.last)):
            if size is not None and not 0 <= size <= LARGEST:
                raise BadInput(f"`{name}` must be between 0 and {LARGEST}.", name)

    @property
    def size(self) -> int:
        """How many rows at most."""
        return next((n for n in (self.first, self.last) if n is not None), DEFAULT)

    @property
    def backward(self) -> bool:
        """Whether the page is counted from the end."""
        return self.last is not None

    @property
    def shape(self) -> "Shape":
        """What of the page decides the text of its statement."""
        return Shape(self.backward, self.after is not None, self.before is not None)


@dataclass(frozen=True)
class Shape:
    """What of a page decides the text of its statement."""

    backward: bool = False
    after: bool = False
    before: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """A row and its place in the list."""

    node: Row
    place: tuple[str, ...]
    terms: "Terms"

    @property
    def cursor(self) -> str:
        """The place as opaque text."""
        return self.terms.cursors.seal(self.terms.scope, self.place)


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Where a page begins and ends, and whether there is more."""

    page: "Slice"

    @property
    def has_next_page(self) -> bool:
        """Whether items follow."""
        asked = self.page.terms.page
        return asked.before is not None if asked.backward else self.page.more

    @property
    def has_previous_page(self) -> bool:
        """Whether items precede."""
        asked = self.page.terms.page
        if asked.backward:
            return self.page.more
        return asked.after is not None or self.page.skipped

    @property
    def start_cursor(self) -> str | None:
        """The place of the first item."""
        return self.page.edge(0).cursor if self.page.nodes else None

    @property
    def end_cursor(self) -> str | None:
        """The place of the last item."""
        return self.page.edge(-1).cursor if self.page.nodes else None


@dataclass(frozen=True, slots=True)
class Terms:
    """What all pages of one statement have in common."""

    scope: bytes
    cursors: Cursors
    page: Page
    tail: int = 1


@dataclass(slots=True)
class Slice:
    """The rows of one page, in the list's order.

    A row holds its columns, then its place in the list where cursors are asked for, then values
    of the page's own, as many as the terms' `tail` says.
    """

    terms: Terms
    nodes: list[Row]
    more: bool = False
    skipped: bool = False

    @property
    def edges(self) -> list[Edge]:
        """The rows with their places."""
        return [self.edge(index) for index in range(len(self.nodes))]

    @property
    def page_info(self) -> PageInfo:
        """Where this page begins and ends, and whether there is more."""
        return PageInfo(self)

    def edge(self, index: int) -> Edge:
        """One row with its place."""
        row = self.nodes[index]
        return Edge(row, row[len(row.columns) : -self.terms.tail], self.terms)
