"""Planning: from an operation to its plan."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from inspect import iscoroutinefunction
from typing import Any

from graphql import (
    FieldNode,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_object_type,
)

from engine.completion import as_it_is, fitting, unit
from engine.declarations import DECLARED, Attribute, Column, Computed
from engine.merging import Merging, Unsupported
from engine.performing import Performed
from engine.plans import (
    Asked,
    Deed,
    Fetch,
    Leaf,
    Part,
    Plan,
    Selection,
    Taker,
    Typename,
    Unit,
    Wrapping,
)
from engine.references import FoundReference, Kinds, Refers
from engine.relations import Each, Listed, Paged, Picked, Related, Relation, Total
from engine.roots import Found, FoundFor
from engine.sharing import shared, varies
from engine.watching import Watched

# An event is told as it is.
_ITSELF = Computed(function=as_it_is)


class Planner:
    """Works out the plan of one operation, for one set of `@skip` and `@include` values."""

    def __init__(self, merging: Merging) -> None:
        self._merging = merging
        self._types = merging.schema.type_map
        self.fields = 0

    def plan(self, operation: OperationDefinitionNode) -> Plan:
        """What is asked of the root of a query, of each event of a subscription, of a mutation."""
        root = self._merging.schema.get_root_type(operation.operation)
        if root is None:
            raise Unsupported(operation.operation.value)
        if operation.operation is OperationType.MUTATION:
            asked = self._merging.merged(root, [operation.selection_set])
            return {name: self._deed(root, name, nodes) for name, nodes in asked.items()}
        selection = self._selection(root, [operation.selection_set], in_list=False)
        return unit(selection, Wrapping(required=True))

    def _deed(self, root: GraphQLObjectType, name: str, nodes: list[FieldNode]) -> Deed | str:
        if nodes[0].name.value == "__typename":
            return root.name
        place = self._place(root, name, nodes, in_list=False)
        if not isinstance(place.declared, Performed) or place.asked is None:
            raise Unsupported(f"{root.name}.{nodes[0].name.value} is not performed")
        possible = self._merging.schema.get_possible_types(place.kind)
        kinds = {kind.name: self._possible(kind.name, place, in_list=False) for kind in possible}
        return Deed(place.asked, kinds)

    def _selection(
        self, kind: GraphQLObjectType, below: list[SelectionSetNode], in_list: bool
    ) -> Selection:
        made = Selection(kind.name)
        for name, nodes in self._merging.merged(kind, below).items():
            if nodes[0].name.value == "__typename":
                made.members.append(Typename(name))
            elif nodes[0].name.value.startswith("__"):
                raise Unsupported("introspection")
            else:
                self._add(made, self._place(kind, name, nodes, in_list))
        return made

    def _place(
        self, kind: GraphQLObjectType, name: str, nodes: list[FieldNode], in_list: bool
    ) -> "_Place":
        self.fields += 1
        one = kind.fields[nodes[0].name.value]
        definition = one.extensions.get("strawberry-definition")
        declared = definition and definition.metadata.get(DECLARED)
        if declared is None or definition.permission_classes or definition.extensions:
            raise Unsupported(f"{kind.name}.{nodes[0].name.value} is not declared")
        if isinstance(declared, Computed) and iscoroutinefunction(declared.function):
            raise Unsupported(f"{kind.name}.{nodes[0].name.value} is not plain")
        asked = None
        if one.args:
            asked = Asked(one, nodes[0], declared, definition, varies=varies(nodes[0]))
        below = [node.selection_set for node in nodes if node.selection_set]
        attribute = getattr(declared, "path", None) or definition.python_name
        return _Place(name, one.type, attribute, declared, asked, below, in_list)

    def _add(self, made: Selection, place: "_Place") -> None:
        declared = place.declared
        if not (isinstance(declared, Related) and declared.joined):
            made.columns.update(declared.reads)
        match declared:
            case Refers() | FoundReference():
                self._refer(made, place, declared.kinds)
            case Related(joined=str() as joined):
                self._join(made, place, joined)
            case Each():
                self._refer(made, place, {"": (place.kind.name, declared.function)})
            case Related() | Listed() | Paged() | Found() | FoundFor() | Total():
                self._fetch(made, place)
            case Picked():
                self._pick(made, place)
            case Watched():
                self._part(made, replace(place, declared=_ITSELF, asked=None))
            case Column() | Attribute() | Computed() if is_composite_type(place.kind):
                self._part(made, place)
            case Column() | Attribute() | Computed():
                self._leaf(made, place)
            case _:
                raise Unsupported(f"{made.type}.{place.name} is declared in a new way")

    def _fetch(self, made: Selection, place: "_Place") -> None:
        declared = place.declared
        if isinstance(declared, Paged) and declared.outside_lists and place.in_list and place.asked:
            given = {argument.name.value for argument in place.asked.node.arguments or ()}
            if given & set(declared.outside_lists):
                raise Unsupported("an argument that is refused in lists")
        shape = _wrapping(place.type)
        inner = unit(self._below(place, in_list=place.in_list or shape.many), shape)
        if isinstance(declared, Found | FoundFor):
            _let_early(inner, declared.column)
        fetch = shared(made, place.declared, place.asked)
        fetch.columns |= inner.columns
        _take(made, fetch, Taker(place.name, shape, inner))

    def _pick(self, made: Selection, place: "_Place") -> None:
        fetch = shared(made, place.declared, place.asked)
        picked = _picker(place.declared, fitting(place.type))
        _take(made, fetch, Taker(place.name, _wrapping(place.type), picked=picked))

    def _refer(self, made: Selection, place: "_Place", kinds: Kinds) -> None:
        shape = _wrapping(place.type)
        possible = {
            tag: self._possible(name, place, place.in_list or shape.many)
            for tag, (name, _) in kinds.items()
        }
        fetch = Fetch(place.declared, place.asked)
        made.fetches.append(fetch)
        _take(made, fetch, Taker(place.name, shape, kinds=possible))

    def _possible(self, name: str, place: "_Place", in_list: bool) -> Unit:
        selection = self._selection(self._object(name), place.below, in_list)
        return unit(selection, Wrapping(required=True))

    def _join(self, made: Selection, place: "_Place", joined: str) -> None:
        inner = self._below(place, place.in_list)
        made.columns.add(f"{joined}.id")
        made.columns |= {f"{joined}.{name}" for name in inner.columns}
        made.members.append(Part(place.name, joined, _wrapping(place.type), inner))

    def _part(self, made: Selection, place: "_Place") -> None:
        declared, shape = place.declared, _wrapping(place.type)
        inner = self._below(place, place.in_list or shape.many)
        if declared.same_row:
            made.columns |= inner.columns
        if isinstance(declared, Column):
            made.columns.add(place.attribute)
        computed = declared if isinstance(declared, Computed) else None
        part = Part(place.name, place.attribute, shape, inner, computed, place.asked)
        made.members.append(part)

    def _leaf(self, made: Selection, place: "_Place") -> None:
        if isinstance(place.declared, Column):
            made.columns.add(place.attribute)
        computed = place.declared if isinstance(place.declared, Computed) else None
        made.members.append(Leaf(place.name, place.attribute, place.type, computed, place.asked))

    def _below(self, place: "_Place", in_list: bool) -> Selection:
        if is_abstract_type(place.kind):
            raise Unsupported(f"{place.kind.name} is abstract")
        return self._selection(self._object(place.kind.name), place.below, in_list)

    def _object(self, name: str) -> GraphQLObjectType:
        kind = self._types[name]
        if not is_object_type(kind):
            raise Unsupported(f"{name} is no object type")
        return kind


@dataclass(frozen=True)
class _Place:
    """A field with everything that is known of it while it is planned."""

    name: str
    type: Any
    attribute: str
    declared: Any
    asked: Asked | None
    below: list[SelectionSetNode]
    in_list: bool

    @property
    def kind(self) -> Any:
        """The type of its values, whatever stands around it."""
        return get_named_type(self.type)


def _let_early(found: Unit, column: str | None) -> None:
    """Relations of a row that go by the very key it is found by need not wait for it."""
    for onward in found.onwards:
        declared = onward.fetch.declared
        if onward.at_root and isinstance(declared, Relation) and declared.key == column:
            onward.early = True


def _take(made: Selection, fetch: Fetch, taker: Taker) -> None:
    fetch.takers.append(taker)
    made.members.append(taker)


def _wrapping(kind: Any) -> Wrapping:
    required = isinstance(kind, GraphQLNonNull)
    inner = kind.of_type if required else kind
    if not isinstance(inner, GraphQLList):
        return Wrapping(required)
    item = inner.of_type
    if isinstance(get_nullable_type(item), GraphQLList):
        raise Unsupported("a list of lists")
    return Wrapping(required, many=True, items_required=isinstance(item, GraphQLNonNull))


def _picker(declared: Picked, fit: Callable[[Any], Any]) -> Callable[[Any], Any]:
    pick, default = declared.pick, declared.default
    return lambda row: fit(default if row is None else getattr(row, pick))
