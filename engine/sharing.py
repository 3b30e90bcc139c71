"""Sharing: fields that ask the same, whatever they are called in the answer, share a fetch."""

from typing import Any

from graphql import FieldNode, Visitor, print_ast, visit

from engine.plans import Asked, Fetch, Selection

_SAME = ("function", "key", "count")


def shared(made: Selection, declared: Any, asked: Asked | None) -> Fetch:
    """The fetch of a field: the one that asks the same already, or a new one."""
    for fetch in made.fetches:
        if _same(fetch, declared, asked):
            return fetch
    made.fetches.append(Fetch(declared, asked))
    return made.fetches[-1]


def varies(node: FieldNode) -> bool:
    """Whether variables stand in the arguments of a field."""
    found = _Variables()
    for argument in node.arguments or ():
        visit(argument, found)
    return found.any


class _Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.any = False

    def enter_variable(self, *_: Any) -> None:
        self.any = True


def _same(fetch: Fetch, declared: Any, asked: Asked | None) -> bool:
    if type(fetch.declared) is not type(declared) or any(
        getattr(fetch.declared, name, None) != getattr(declared, name, None) for name in _SAME
    ):
        return False
    return _arguments_text(fetch.asked) == _arguments_text(asked)


def _arguments_text(asked: Asked | None) -> str:
    nodes = asked.node.arguments or () if asked else ()
    return ", ".join(sorted(print_ast(node) for node in nodes))
