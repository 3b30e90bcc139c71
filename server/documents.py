"""Documents: GraphQL texts parsed, measured and validated once, and remembered."""

from collections import OrderedDict
from dataclasses import dataclass

from graphql import (
    ArgumentNode,
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    StringValueNode,
    Visitor,
    parse,
    specified_rules,
    validate,
    visit,
)
from graphql.validation.rules import overlapping_fields_can_be_merged
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from server import limits
from server.errors import Refused
from server.limits import Limits

REMEMBERED = 500
REMEMBERED_WEIGHT = 2_000_000

MOST_ERRORS = 10

# The default lets one document compare fields for a second; this is a tenth of it.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 50_000

_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)


@dataclass(frozen=True)
class Document:
    """A GraphQL text that may be executed, or the reasons why not."""

    text: str
    node: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation that is asked for."""
        found = self._operations()
        if name is None and len(found) > 1:
            raise _bad("There are several operations: `operationName` must say which one to run.")
        for operation in found:
            if name is None or (operation.name and operation.name.value == name):
                return operation
        raise _bad("There is no operation of this name." if name else "There is no operation.")

    @property
    def weight(self) -> int:
        """What it costs to remember: each token keeps several objects alive."""
        return len(self.text) + 10 * ((self.node and self.node.token_count) or 0)

    def _operations(self) -> list[OperationDefinitionNode]:
        definitions = self.node.definitions if self.node else ()
        return [d for d in definitions if isinstance(d, OperationDefinitionNode)]


class Documents:
    """What is known of the documents that clients send."""

    def __init__(
        self, schema: GraphQLSchema, limits: Limits, introspection: bool, suggestions: bool
    ) -> None:
        self._schema = schema
        self.limits = limits
        self._suggestions = suggestions
        self._rules: list[type[ASTValidationRule]] = list(_RULES)
        if not introspection:
            self._rules.append(NoSchemaIntrospectionCustomRule)
        self._known: OrderedDict[str, Document] = OrderedDict()
        self._weight = 0

    def read(self, text: str) -> Document:
        """The document of this text; only valid ones are remembered."""
        if text in self._known:
            self._known.move_to_end(text)
            return self._known[text]
        document = self._read(text)
        if not document.errors:
            self._remember(document)
        return document

    def _read(self, text: str) -> Document:
        try:
            node = parse(
                text, max_lexical_tokens=self.limits.tokens, max_comments=self.limits.tokens
            )
        except GraphQLError as error:
            return Document(text, None, (_coded(error, _parse_code(error)),))
        too_large = limits.check(node, self.limits)
        if too_large:
            return Document(text, node, tuple(too_large))
        invalid = validate(
            self._schema,
            node,
            self._rules,
            max_errors=MOST_ERRORS,
            hide_suggestions=not self._suggestions,
        )
        errors = [_coded(error, "GRAPHQL_VALIDATION_FAILED") for error in invalid]
        return Document(text, node, tuple(errors or _unfit(text, node)))

    def _remember(self, document: Document) -> None:
        self._known[document.text] = document
        self._weight += document.weight
        while len(self._known) > REMEMBERED or self._weight > REMEMBERED_WEIGHT:
            _, oldest = self._known.popitem(last=False)
            self._weight -= oldest.weight


def _unfit(text: str, node: DocumentNode) -> list[GraphQLError]:
    """Texts in the document that PostgreSQL cannot keep."""
    if "\\u" not in text:
        return []
    visitor = _Unfit()
    visit(node, visitor)
    return visitor.errors


class _Unfit(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.errors: list[GraphQLError] = []

    def enter_string_value(self, node: StringValueNode, *place: object) -> None:
        if "\0" not in node.value:
            return
        names = [n.name.value for n in _ancestors(place) if isinstance(n, ArgumentNode)]
        extensions = {"code": "BAD_USER_INPUT"} | ({"argument": names[-1]} if names else {})
        message = "This text holds a NUL character, which cannot be stored."
        self.errors.append(GraphQLError(message, nodes=[node], extensions=extensions))


def _ancestors(place: tuple[object, ...]) -> list[object]:
    _, parent, _, ancestors = place
    return [*(ancestors if isinstance(ancestors, list) else []), parent]


def _parse_code(error: GraphQLError) -> str:
    aborted = error.message.endswith("Parsing aborted.")
    return "LIMIT_EXCEEDED" if aborted else "GRAPHQL_PARSE_FAILED"


def _coded(error: GraphQLError, code: str) -> GraphQLError:
    error.extensions = {**(error.extensions or {}), "code": code}
    return error


def _bad(message: str) -> Refused:
    return Refused(400, "BAD_USER_INPUT", message, argument="operationName")
