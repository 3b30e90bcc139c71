"""Sharing: whether two subscriptions are told the same, so that one rendering does for both."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    VariableNode,
    Visitor,
    visit,
)

# What these show depends on who asks; everything else of a project looks alike to all who may.
PERSONAL_TYPES = frozenset(
    ("User", "ToolSettings", "SettingsRevision", "Member", "Invitation", "Query")
)
PERSONAL_FIELDS = frozenset((("Project", "viewerRole"), ("Project", "invitations")))

_MOST_KNOWN = 1_000


@dataclass(frozen=True)
class Shape:
    """What matters of a document: whether it shows what is personal, how often it names what."""

    is_personal: bool
    uses: Mapping[str, int]

    def lasting(self, variables: Mapping[str, Any], field: FieldNode) -> dict[str, Any]:
        """The variables without the one that says where to begin, if it says nothing else."""
        beginning = {
            argument.value.name.value
            for argument in field.arguments or ()
            if argument.name.value == "after" and isinstance(argument.value, VariableNode)
        }
        # It is named once where it is declared, and once where it is used.
        return {
            name: value
            for name, value in variables.items()
            if name not in beginning or self.uses[name] > 2
        }


class Shapes:
    """The shapes of the documents that were subscribed to lately."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._known: dict[str, Shape] = {}

    def of(self, text: str, document: DocumentNode) -> Shape:
        """The shape of a document with this text."""
        if text not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[text] = self._seen(document)
        return self._known[text]

    def _seen(self, document: DocumentNode) -> Shape:
        info = TypeInfo(self._schema)
        seen = _Seen(info)
        visit(document, TypeInfoVisitor(info, seen))
        is_personal = any(
            parent in PERSONAL_TYPES or (parent, name) in PERSONAL_FIELDS
            for parent, name in seen.fields
        )
        return Shape(is_personal, seen.uses)


class _Seen(Visitor):
    """All fields of a document, each with the type that it belongs to, and all variables."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.fields: set[tuple[str, str]] = set()
        self.uses: Counter[str] = Counter()
        self._info = info

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        parent = self._info.get_parent_type()
        if parent is not None:
            self.fields.add((parent.name, node.name.value))

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.uses[node.name.value] += 1
