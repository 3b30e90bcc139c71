"""Plans: what an operation asks, worked out once: what to fetch, and how to complete it.

A plan is a tree of selections. A selection knows, for objects of one type: the columns to read of
them, the fetches that lead on from them, and the code that completes all of them at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphql import FieldNode, GraphQLField

from engine.declarations import Computed, Declared

Read = Callable[[Any, Any, Mapping[str, Any]], Any]
Complete = Callable[..., list[dict[str, Any]]]


def no_value(_: Any) -> None:
    """How nothing is picked."""


def no_objects(*_: Any) -> list[dict[str, Any]]:
    """How nothing is completed."""
    return []


@dataclass(frozen=True, eq=False)
class Asked:
    """The arguments of one field: their nodes, and how their values are taken."""

    field: GraphQLField
    node: FieldNode
    declared: Declared
    definition: Any


@dataclass(eq=False)
class Fetch:
    """One call of a batch function for all objects of a selection."""

    declared: Declared
    asked: Asked | None
    columns: set[str] = field(default_factory=set)
    takers: list["Taker"] = field(default_factory=list)

    @cached_property
    def leads_on(self) -> bool:
        """Whether anything is fetched for the rows that it finds."""
        return any(taker.selection and taker.selection.leads_on for taker in self.takers)


@dataclass(eq=False)
class Taker:
    """A field that is answered by a fetch: what is selected of the rows, or which value."""

    name: str
    shape: "Wrapping"
    selection: "Selection | None" = None
    kinds: "dict[str, Selection] | None" = None
    picked: Callable[[Any], Any] = no_value


@dataclass(eq=False)
class Part:
    """A field whose value is an object, or objects, that its parent already has."""

    name: str
    shape: "Wrapping"
    read: Read
    asked: Asked | None
    selection: "Selection"


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


@dataclass(eq=False)
class Selection:
    """What is asked of objects of one type."""

    type: str
    typenames: list[str] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    fetches: list[Fetch] = field(default_factory=list)
    columns: set[str] = field(default_factory=set)
    order: list[str] = field(default_factory=list)
    complete: Complete = no_objects

    @cached_property
    def leads_on(self) -> bool:
        """Whether anything is fetched for its objects, or for what they are made of."""
        return bool(self.fetches) or any(part.selection.leads_on for part in self.parts)

    @cached_property
    def asking(self) -> list[Leaf]:
        """The leaves that take arguments."""
        return [leaf for leaf in self.leaves if leaf.asked is not None]
