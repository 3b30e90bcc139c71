"""Random operations over a whole schema, the same ones for the same seed.

In one operation a name of the answer always stands for one field with its arguments and type, so
that whatever is merged fits together, even where fragments overlap.
"""

from dataclasses import dataclass
from functools import cache
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
    """A document, the name of what is asked in it, and variables for it, one set after another."""

    text: str
    variables: list[dict[str, Any]]
    name: str | None


def operation(schema: GraphQLSchema, known: Known, seed: int) -> Operation:
    """The operation of a seed; about every seventh has something wrong in it."""
    random = Random(seed)
    return Writer(schema, Values(random, known, faulty=random.random() < 0.15)).operation()


def subscription(schema: GraphQLSchema, known: Known, seed: int) -> Operation:
    """The subscription of a seed; what it follows does not matter to what it is told."""
    random = Random(seed)
    return Writer(schema, Values(random, known, faulty=random.random() < 0.1)).subscription()


def mutation(schema: GraphQLSchema, known: Known, seed: int) -> Operation:
    """The mutation of a seed; its input does not matter to what is told of its outcome."""
    random = Random(seed)
    return Writer(schema, Values(random, known, faulty=random.random() < 0.1)).mutation()


class Writer:
    """Writes one operation."""

    def __init__(self, schema: GraphQLSchema, values: Values) -> None:
        self._schema = schema
        self._values = values
        self._random = values.random
        self._left = MOST_FIELDS
        self._depth = self._random.choice((2, 4, 6, 9))
        self._names: dict[str, str] = {}
        self._fragments: list[tuple[str, Any, int, str]] = []

    def operation(self) -> Operation:
        """The whole of it."""
        query = self._schema.query_type
        assert query is not None
        return self._written("query", self._selection(query, query, self._depth, lists=0))

    def subscription(self) -> Operation:
        """One that follows something."""
        root = self._schema.subscription_type
        assert root is not None
        name = self._random.choice([*root.fields])
        inner = get_named_type(root.fields[name].type)
        given = self._values.arguments(f"{root.name}.{name}", root.fields[name].args, 0)
        head = f"{self._named(name, given, inner.name)}{given}"
        selected = self._selection(inner, inner, self._depth + 2, lists=0)
        return self._written("subscription", f"{{ {head} {selected} }}")

    def mutation(self) -> Operation:
        """One that does something once or twice, under names of its own."""
        root = self._schema.mutation_type
        assert root is not None
        names = self._random.choice((("done",), ("done",), ("done", "again")))
        asked = " ".join(self._performed(root, name) for name in names)
        return self._written("mutation", f"{{ {asked} }}")

    def _performed(self, root: GraphQLObjectType, alias: str) -> str:
        name = self._random.choice([*root.fields])
        field = root.fields[name]
        (kind,) = (argument.type for argument in field.args.values())
        given = self._values.whole(kind)
        payload = get_named_type(field.type)
        selected = self._selection(payload, self._likely(payload), self._depth + 2, lists=0)
        asked = f"{alias}: {name}(input: {given}){self._values.switches()} {selected}"
        return asked if self._random.random() < 0.8 else f"... on {root.name} {{ {asked} }}"

    def _written(self, kind: str, selected: str) -> Operation:
        defined = ", ".join(self._values.definitions)
        name = self._random.choice((None, "Asked")) if not defined else "Asked"
        head = f"{kind} {name or ''}{f'({defined})' if defined else ''} "
        head = head if name or kind != "query" else ""
        parts = [f"{head}{selected}", *(text for *_, text in self._fragments)]
        if name and self._random.random() < 0.1:
            parts.append("query Other { viewer { other: id } }")
        elif self._random.random() < 0.5:
            name = None
        self._random.shuffle(parts)
        variables = [self._values.variables, self._values.others] if defined else [{}]
        return Operation("\n".join(parts), variables, name)

    def _selection(self, static: Any, runtime: Any, depth: int, lists: int) -> str:
        """What is asked of a type; `runtime` is the type that the objects are likely to have."""
        if self._random.random() < 0.04:
            return "{ __typename }"
        made: list[tuple[str, str]] = []
        parts: list[str] = []
        for _ in range(self._random.choice((1, 2, 3, 3, 5)) if self._left > 0 else 1):
            chance = self._random.random()
            if chance < 0.07:
                parts.append(self._named("__typename", "", "String!"))
            elif made and chance < 0.16:
                parts.append(self._field(static, *self._random.choice(made), depth, lists))
            elif self._wants_fragment(static, chance):
                parts.append(self._fragment(static, runtime, depth, lists))
            else:
                made.append(self._chosen(static, depth, lists))
                parts.append(self._field(static, *made[-1], depth, lists))
        return f"{{ {' '.join(parts)} }}"

    def _wants_fragment(self, static: Any, chance: float) -> bool:
        if self._left <= 0:
            return False
        likely = 0.3 if isinstance(static, GraphQLObjectType) else 0.8
        return chance < likely or isinstance(static, GraphQLUnionType)

    def _chosen(self, static: Any, depth: int, lists: int) -> tuple[str, str]:
        name = self._choice(static, depth)
        if name == "__typename":
            return name, ""
        given = static.fields[name].args
        return name, self._values.arguments(f"{static.name}.{name}", given, lists)

    def _choice(self, static: Any, depth: int) -> str:
        fields: dict[str, Any] = getattr(static, "fields", {})
        leading = [n for n, f in fields.items() if is_composite_type(get_named_type(f.type))]
        plain = [name for name in fields if name not in leading]
        ends = depth <= 0 or self._left <= 0
        if not ends and leading and (not plain or self._random.random() < 0.6):
            return self._random.choice(leading)
        return self._random.choice(plain or ["__typename"])

    def _field(self, static: Any, name: str, given: str, depth: int, lists: int) -> str:
        self._left -= 1
        if name == "__typename":
            return name
        field = static.fields[name]
        switches = self._values.switches()
        head = f"{self._named(name, given, str(field.type))}{given}{switches}"
        inner = get_named_type(field.type)
        if not is_composite_type(inner):
            return head
        below = lists + isinstance(get_nullable_type(field.type), GraphQLList)
        # A page is an object and a list; neither is worth a level of its own.
        spent = 0 if inner.name.endswith(("Connection", "Edge")) else 1
        return f"{head} {self._selection(inner, self._likely(inner), depth - spent, below)}"

    def _fragment(self, static: Any, runtime: Any, depth: int, lists: int) -> str:
        self._left -= 1
        condition = self._condition(static, runtime)
        known = [f for f in self._fragments if f[1] is condition and f[2] <= depth]
        switches = self._values.switches()
        if known and self._random.random() < 0.5:
            return f"...{self._random.choice(known)[0]}{switches}"
        inner = runtime if isinstance(condition, GraphQLInterfaceType) else condition
        text = self._selection(condition, inner, depth, lists)
        if self._random.random() < 0.4:
            name = f"F{len(self._fragments)}"
            written = f"fragment {name} on {condition.name} {text}"
            self._fragments.append((name, condition, depth, written))
            return f"...{name}{switches}"
        if condition is static and self._random.random() < 0.5:
            return f"...{switches} {text}"
        return f"... on {condition.name}{switches} {text}"

    def _condition(self, static: Any, runtime: Any) -> Any:
        """A type that overlaps with the static one; mostly one that the objects really have."""
        kinds = overlapping(self._schema, static)
        fitting = [kind for kind in kinds if runtime in possible(self._schema, kind)]
        return self._random.choice(fitting if fitting and self._random.random() < 0.6 else kinds)

    def _likely(self, kind: Any) -> Any:
        return self._random.choice(possible(self._schema, kind))

    def _named(self, name: str, given: str, kind: str) -> str:
        """The field under a name that means nothing else in this operation."""
        meaning = f"{name}{given} {kind}"
        wish = name if self._random.random() < 0.88 else self._random.choice(ALIASES)
        number = 0
        while self._names.setdefault(wish, meaning) != meaning:
            number += 1
            wish = f"{name}_{number}"
        return name if wish == name else f"{wish}: {name}"


@cache
def possible(schema: GraphQLSchema, kind: Any) -> tuple[GraphQLObjectType, ...]:
    """The types that objects of a type may have."""
    if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
        return tuple(schema.get_possible_types(kind))
    return (kind,) if isinstance(kind, GraphQLObjectType) else ()


@cache
def overlapping(schema: GraphQLSchema, static: Any) -> tuple[Any, ...]:
    """The types that fragments in a selection of this type may name."""
    own = set(possible(schema, static))
    return tuple(k for k in schema.type_map.values() if own & set(possible(schema, k)))
