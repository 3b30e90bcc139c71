"""Random operations over a whole schema, the same ones for the same seed.

In one operation a name of the answer always stands for one field with its arguments and type, so
that whatever is merged fits together, even where fragments overlap.
"""

from dataclasses import dataclass
from random import Random
from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_composite_type,
)

from tests.operation_values import Known, Values

ALIASES = ("a", "b", "id", "name", "nodes", "node", "url", "x", "r", "__a", "None", "v0")
MOST_FIELDS = 45


@dataclass(frozen=True)
class Operation:
    """A document, the variables and the name of what is asked in it."""

    text: str
    variables: dict[str, Any]
    name: str | None


def operation(schema: GraphQLSchema, known: Known, seed: int) -> Operation:
    """The operation of a seed; about every seventh has something wrong in it."""
    random = Random(seed)
    return Writer(schema, Values(random, known, faulty=random.random() < 0.15)).operation()


class Writer:
    """Writes one operation."""

    def __init__(self, schema: GraphQLSchema, values: Values) -> None:
        self._schema = schema
        self._values = values
        self._random = values.random
        self._left = MOST_FIELDS
        self._depth = self._random.choice((2, 4, 6, 9))
        self._names: dict[str, str] = {}
        self._fragments: list[tuple[str, Any, int, int, str]] = []

    def operation(self) -> Operation:
        """The whole of it."""
        query = self._schema.query_type
        assert query is not None
        selected = self._selection(query, query, self._depth, lists=0)
        defined = ", ".join(self._values.definitions)
        name = self._random.choice((None, "Asked")) if not defined else "Asked"
        head = f"query {name or ''}{f'({defined})' if defined else ''} " if name else ""
        parts = [f"{head}{selected}", *(text for *_, text in self._fragments)]
        if name and self._random.random() < 0.1:
            parts.append("query Other { viewer { other: id } }")
        elif self._random.random() < 0.5:
            name = None
        self._random.shuffle(parts)
        return Operation("\n".join(parts), self._values.variables, name)

    def _selection(self, static: Any, runtime: Any, depth: int, lists: int) -> str:
        """What is asked of a type; `runtime` is the type that the objects are likely to have."""
        if self._random.random() < 0.04:
            return "{ __typename }"
        parts: list[str] = []
        for _ in range(self._random.choice((1, 2, 3, 3, 5))):
            parts.append(self._part(static, runtime, depth, lists))
            if self._random.random() < 0.1:
                parts.append(self._again(parts[-1], static, runtime, depth, lists))
        return "{ " + " ".join(filter(None, parts)) + " __typename"[: 0 if any(parts) else 11] + " }"

    def _part(self, static: Any, runtime: Any, depth: int, lists: int) -> str:
        chance = self._random.random()
        if chance < 0.06:
            return self._random.choice(("__typename", "kind: __typename"))
        is_object = isinstance(static, GraphQLObjectType)
        if chance < (0.22 if is_object else 0.75) and static is not self._schema.query_type:
            return self._fragment(static, runtime, depth, lists)
        if isinstance(static, GraphQLUnionType):
            return self._fragment(static, runtime, depth, lists)
        return self._field(static, depth, lists)

    def _again(self, part: str, static: Any, runtime: Any, depth: int, lists: int) -> str:
        """The same field, or the same fragment, once more; an object with another selection."""
        if part.startswith("..."):
            return part
        head = part.partition("{ ")[0].partition(" @")[0]
        name = head.partition(":")[2].strip() or head
        field = getattr(static, "fields", {}).get(name.partition("(")[0].strip())
        if "{" in head or field is None or "(" in head:
            return ""
        inner = get_named_type(field.type)
        if not is_composite_type(inner):
            return head.strip()
        below = lists + _is_list(field.type)
        return f"{head.strip()} {self._selection(inner, self._likely(inner), depth - 1, below)}"

    def _field(self, static: Any, depth: int, lists: int) -> str:
        names = [*static.fields]
        if depth <= 0 or self._left <= 0:
            names = [n for n in names if not is_composite_type(get_named_type(static.fields[n].type))]
        if not names:
            return self._deeper(static)
        name = self._random.choice(names)
        if static is not self._schema.query_type and depth > 0 and self._random.random() < 0.4:
            composite = [n for n in names if is_composite_type(get_named_type(static.fields[n].type))]
            name = self._random.choice(composite or names)
        return self._field_text(static, name, depth, lists)

    def _field_text(self, static: Any, name: str, depth: int, lists: int) -> str:
        self._left -= 1
        field = static.fields[name]
        given = self._values.arguments(f"{static.name}.{name}", field.args, lists)
        head = f"{self._named(name, given, str(field.type))}{given}{self._values.switches()}"
        inner = get_named_type(field.type)
        if not is_composite_type(inner):
            return head
        below = lists + _is_list(field.type)
        # A page is an object and a list; neither is worth a level of its own.
        spent = 0 if inner.name.endswith(("Connection", "Edge")) and self._left > 0 else 1
        return f"{head} {self._selection(inner, self._likely(inner), depth - spent, below)}"

    def _deeper(self, static: Any) -> str:
        """Where a type has no plain field of its own, its first object's name will do."""
        return "" if self._left > -50 else "__typename"

    def _fragment(self, static: Any, runtime: Any, depth: int, lists: int) -> str:
        condition = self._condition(static, runtime)
        known = [f for f in self._fragments if f[1] is condition and f[2] <= depth and f[3] >= lists]
        switches = self._values.switches()
        if known and self._random.random() < 0.5:
            return f"...{self._random.choice(known)[0]}{switches}"
        inner = runtime if isinstance(condition, GraphQLInterfaceType) else condition
        text = self._selection(condition, inner, depth, lists)
        if self._random.random() < 0.4:
            name = f"F{len(self._fragments)}"
            written = f"fragment {name} on {condition.name} {text}"
            self._fragments.append((name, condition, depth, lists, written))
            return f"...{name}{switches}"
        if condition is static and self._random.random() < 0.5:
            return f"...{switches} {text}"
        return f"... on {condition.name}{switches} {text}"

    def _condition(self, static: Any, runtime: Any) -> Any:
        """A type that overlaps with the static one; mostly one that the objects really have."""
        kinds = [k for k in self._schema.type_map.values() if self._overlap(k, static)]
        fitting = [k for k in kinds if k is runtime or self._is_of(runtime, k)]
        return self._random.choice(fitting if fitting and self._random.random() < 0.6 else kinds)

    def _overlap(self, one: Any, other: Any) -> bool:
        if one.name.startswith("__"):
            return False
        return bool({k.name for k in self._possible(one)} & {k.name for k in self._possible(other)})

    def _possible(self, kind: Any) -> list[Any]:
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            return [*self._schema.get_possible_types(kind)]
        return [kind] if isinstance(kind, GraphQLObjectType) else []

    def _is_of(self, runtime: Any, kind: Any) -> bool:
        return any(one is runtime for one in self._possible(kind))

    def _likely(self, kind: Any) -> Any:
        return self._random.choice(self._possible(kind))

    def _named(self, name: str, given: str, kind: str) -> str:
        """The field under a name that means nothing else in this operation."""
        meaning = f"{name}{given} {kind}"
        wish = name if self._random.random() < 0.75 else self._random.choice(ALIASES)
        number = 0
        while self._names.setdefault(wish, meaning) != meaning:
            number += 1
            wish = f"{name}_{number}"
        return name if wish == name else f"{wish}: {name}"


def _is_list(kind: Any) -> int:
    return isinstance(get_nullable_type(kind), GraphQLList)
