"""The executor: answers the queries that can be planned, and leaves all others to graphql-core."""

from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import strawberry
from graphql import (
    DirectiveNode,
    DocumentNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.values import get_variable_values

from engine.execution import Run
from engine.merging import Merging, Unsupported
from engine.planning import Planner
from engine.plans import Selection
from engine.taking import Takes

REMEMBERED = 500
REMEMBERED_LENGTH = 1_000_000
PATIENCE = 3


@dataclass
class Known:
    """What is known of one operation: its plans, by the values of its switches."""

    switches: tuple[str, ...] = ()
    plans: dict[tuple[bool, ...], Selection] = field(default_factory=dict)
    refused: str | None = None
    given_up: int = 0


class GaveUp(Exception):
    """Something went wrong on the way: graphql-core must answer, and word the errors."""


class Executor:
    """Executes queries of a Strawberry schema breadth-first."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._schema = schema
        self._known: OrderedDict[tuple[str, str | None], Known] = OrderedDict()
        self._length = 0
        self.fallbacks: Counter[str] = Counter()
        self.answered = 0

    async def answer(
        self,
        text: str,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any] | None,
        context: Any,
    ) -> dict[str, Any] | None:
        """The data of a valid operation, or None where it is not planned; raises GaveUp."""
        known = self._of(text, operation.name.value if operation.name else None)
        if known.refused is not None or known.given_up >= PATIENCE:
            self.fallbacks[known.refused or "given up before"] += 1
            return None
        coerced = get_variable_values(
            self._schema._schema, operation.variable_definitions or (), dict(variables or {})
        )
        if isinstance(coerced, list):
            self.fallbacks["variables"] += 1
            return None
        try:
            plan = self._plan(known, document, operation, coerced.coerced)
        except Unsupported as reason:
            known.refused = str(reason)
            self.fallbacks[known.refused] += 1
            return None
        try:
            data = await Run(context, Takes(self._schema, coerced)).answer(plan)
        except Exception as error:
            known.given_up += 1
            self.fallbacks[type(error).__name__] += 1
            raise GaveUp from error
        known.given_up = 0
        self.answered += 1
        return data

    def _of(self, text: str, name: str | None) -> Known:
        place = (text, name)
        if place in self._known:
            self._known.move_to_end(place)
            return self._known[place]
        self._known[place] = Known()
        self._length += len(text)
        while len(self._known) > REMEMBERED or self._length > REMEMBERED_LENGTH:
            (oldest, _), _ = self._known.popitem(last=False)
            self._length -= len(oldest)
        return self._known.get(place) or Known()

    def _plan(
        self,
        known: Known,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> Selection:
        if known.plans:
            switches = tuple(bool(variables.get(name)) for name in known.switches)
            if switches in known.plans:
                return known.plans[switches]
        definitions = document.definitions
        fragments = {d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)}
        known.switches = switches_of(document)
        switches = tuple(bool(variables.get(name)) for name in known.switches)
        plan = Planner(Merging(self._schema._schema, fragments, variables)).plan(operation)
        known.plans[switches] = plan
        return plan


def switches_of(document: DocumentNode) -> tuple[str, ...]:
    """The variables that `@skip` and `@include` ask, in the whole document."""
    finder = _Switches()
    visit(document, finder)
    return tuple(sorted(finder.names))


class _Switches(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                self.names.add(argument.value.name.value)
