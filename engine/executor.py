"""The executor: answers the queries that can be planned, and leaves all others to graphql-core."""

import logging
from collections import Counter
from collections.abc import Mapping
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
from strawberry.extensions import SchemaExtension

from engine import execution
from engine.merging import SWITCHES, Merging, Unsupported
from engine.planning import Planner
from engine.plans import Plan
from engine.remembering import Known, Remembered
from engine.taking import Misfit, Takes, Variables, texts
from engine.watching import Beside

PATIENCE = 3
REST = 100

# Where a query begins: the one object whose fields are the query's.
_ROOT = object()

logger = logging.getLogger("engine")


class GaveUp(Exception):
    """Something went wrong on the way: graphql-core must answer, and word the errors."""


class Executor:
    """Executes the operations of a Strawberry schema breadth-first.

    `stood_for` are those of the schema's extensions whose work the caller does itself.
    """

    def __init__(
        self, schema: strawberry.Schema, stood_for: tuple[type[SchemaExtension], ...] = ()
    ) -> None:
        self._schema = schema
        self._remembered = Remembered()
        extensions = (type(one) for one in schema.get_extensions())
        self._unknown = [one.__name__ for one in extensions if one not in stood_for]
        self.fallbacks: Counter[str] = Counter()
        self.answered = 0

    async def answer(
        self,
        text: str,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any] | None,
        context: Any,
        root: Any = _ROOT,
        beside: Beside | None = None,
    ) -> dict[str, Any] | None:
        """The data of a valid operation, or None where it is not planned; raises GaveUp.

        The root of a subscription is the event that is told.
        """
        known = self._remembered.of(text, operation.name.value if operation.name else None)
        prepared = self._prepared(known, document, operation, variables or {})
        if isinstance(prepared, str):
            self._fall_back(prepared, known)
            return None
        plan, takes = prepared
        try:
            data = await execution.answer(plan, takes, context, root, beside)
        except Exception as error:
            known.given_up += 1
            known.resting = 0 if known.given_up % PATIENCE else REST
            self._fall_back(type(error).__name__, known)
            raise GaveUp from error
        known.given_up = 0
        self.answered += 1
        return data

    def _prepared(
        self,
        known: Known,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> tuple[Plan, Takes] | str:
        """The plan and its arguments, or the reason why there are none."""
        if known.refused is not None:
            return known.refused
        if known.resting:
            known.resting -= 1
            return "given up before"
        given = Variables(self._schema._schema, operation, variables)
        try:
            plan = self._plan(known, document, operation, self._coerced(known, operation, given))
        except Misfit:
            return "variables"
        except Unsupported as reason:
            known.refused = str(reason)
            return known.refused
        return "a switch is null" if plan is None else (plan, Takes(self._schema, given))

    def _coerced(
        self, known: Known, operation: OperationDefinitionNode, given: Variables
    ) -> Mapping[str, Any]:
        if not known.is_read:
            known.texts, known.is_read = texts(self._schema._schema, operation), True
        if known.texts is not None:
            given.take_texts(known.texts)
        return given.coerced

    def _plan(
        self,
        known: Known,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> Plan | None:
        if known.switches is None:
            known.switches = self._switches(document)
        switches = tuple(variables.get(name, False) for name in known.switches)
        if None in switches:
            return None
        if switches in known.plans:
            return known.plans[switches]
        definitions = document.definitions
        fragments = {d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)}
        planner = Planner(Merging(self._schema._schema, fragments, variables))
        try:
            plan = planner.plan(operation)
        except (MemoryError, RecursionError, SyntaxError):
            raise Unsupported("nested too deeply") from None
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            logger.exception("A plan failed")
            raise Unsupported(f"{type(error).__name__} while planning") from error
        self._remembered.keep(known, switches, plan, planner.fields)
        return plan

    def _switches(self, document: DocumentNode) -> tuple[str, ...]:
        """The variables that `@skip` and `@include` ask; no other directive is known."""
        if self._unknown:
            raise Unsupported(f"the extension {self._unknown[0]}")
        found = _Directives()
        visit(document, found)
        for name in sorted(found.names - SWITCHES.keys()):
            raise Unsupported(f"@{name}")
        return tuple(sorted(found.variables))

    def _fall_back(self, reason: str, known: Known) -> None:
        """Count it; the first of its kind is told to everybody, the others to who debugs."""
        self.fallbacks[reason] += 1
        level = logging.INFO if self.fallbacks[reason] == 1 else logging.DEBUG
        told = {"reason": reason, "operation": known.place[1]}
        logger.log(level, "An operation is left to graphql-core: %s", reason, extra=told)


class _Directives(Visitor):
    """The directives of a document, and the variables that they ask."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.variables: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        self.names.add(node.name.value)
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                self.variables.add(argument.value.name.value)
