"""Plans: what an operation asks, worked out once: what to fetch, and how to complete it.

A plan is a tree of units. A unit stands for what one field of a fetch finds: the code that
completes all values at once, and the fetches that lead on from the objects inside of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphql import FieldNode, GraphQLField

from engine.arguments import Arguments
from engine.declarations import Computed, Declared

Given = Sequence[Mapping[str, Any]]
Next = Callable[[], Any]

Complete = Callable[[list[Any], Any, Given, Sequence[Next]], list[Any]]
Flatten = Callable[[list[Any], Any, Given], list[Any]]


def no_value(_: Any) -> None:
    """How nothing is picked."""


@dataclass(eq=False)
class Asked:
    """The arguments of one field: their nodes, and how their values are taken.

    Without variables they are the same for every request: what was taken once is kept.
    """

    field: GraphQLField
    node: FieldNode
    declared: Declared
    definition: Any
    varies: bool
    values: dict[str, Any] | None = None
    taken: Arguments | None = None
    texts: Mapping[str, str] | None = None


@dataclass(eq=False)
class Fetch:
    """One call of a batch function for all objects of a selection."""

    declared: Declared
    asked: Asked | None
    columns: set[str] = field(default_factory=set)
    takers: list["Taker"] = field(default_factory=list)

    @cached_property
    def sorted_columns(self) -> tuple[str, ...]:
        """The columns that are read of its rows, in a stable order."""
        return tuple(sorted(self.columns))

    @cached_property
    def leads_on(self) -> bool:
        """Whether anything is fetched for the rows that it finds, once they are there."""
        return any(taker.unit and taker.unit.leads_on for taker in self.takers)


@dataclass(eq=False)
class Taker:
    """A field that is answered by a fetch: what is made of the rows, or which value of them."""

    name: str
    shape: "Wrapping"
    unit: "Unit | None" = None
    kinds: "dict[str, Unit] | None" = None
    picked: Callable[[Any], Any] = no_value


@dataclass(eq=False)
class Typename:
    """A field that says the name of its object's type."""

    name: str


@dataclass(eq=False)
class Part:
    """A field whose value is an object, or objects, that its parent already has."""

    name: str
    attribute: str
    shape: "Wrapping"
    selection: "Selection"
    computed: Computed | None = None
    asked: Asked | None = None


@dataclass(eq=False)
class Leaf:
    """A field whose value is a scalar or an enum, or a list of them."""

    name: str
    attribute: str
    type: Any
    computed: Computed | None = None
    asked: Asked | None = None


@dataclass(frozen=True)
class Wrapping:
    """What stands around a type: `[T!]!` is a required list of required items."""

    required: bool
    many: bool = False
    items_required: bool = True


Member = Typename | Leaf | Part | Taker


@dataclass(eq=False)
class Selection:
    """What is asked of objects of one type, in the order of the answer."""

    type: str
    members: list[Member] = field(default_factory=list)
    fetches: list[Fetch] = field(default_factory=list)
    columns: set[str] = field(default_factory=set)


@dataclass(eq=False)
class Onward:
    """A fetch that leads on from objects inside of a unit's values, and where they are.

    `first` is the place of its first taker among the unit's. What is `early` needs no more than
    the key by which the values themselves are found, so it is fetched together with them.
    """

    fetch: Fetch
    flatten: Flatten
    first: int
    at_root: bool
    early: bool = False


@dataclass(eq=False)
class Unit:
    """What is made of the values of one field, objects inside of objects included."""

    columns: set[str]
    complete: Complete
    asking: tuple[Asked, ...]
    onwards: tuple[Onward, ...]
    takers: int

    @cached_property
    def leads_on(self) -> bool:
        """Whether anything is fetched for its objects, once they are there."""
        return any(not onward.early for onward in self.onwards)


@dataclass(eq=False)
class Deed:
    """A field of a mutation: what it takes, and what is made of each kind of outcome."""

    asked: Asked
    kinds: Mapping[str, Unit]


# The fields of a mutation by their names in the answer, in their order; text is told as it is.
Deeds = Mapping[str, Deed | str]
Plan = Unit | Deeds
