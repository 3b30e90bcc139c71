"""How mutations are declared: one input object, one union of what it may come to."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter
from typing import Annotated, Any, Union, get_args

import strawberry
from strawberry import UNSET

from db.errors import BadInput
from engine.arguments import Signature, shown
from engine.declarations import Batch, registry, words_of
from engine.performing import performed_by
from engine.relations import each_by, related_by
from resolvers import mutations
from resolvers.context import Context
from resolvers.mutations import Change, Effect, Outcome
from schema.fields import taken_id
from schema.problems import PROBLEMS

MUTATION_ID = (
    "A UUID of the client's own, which makes it safe to send the mutation again: it is done once,"
    " and a repeat within seven days is told what the first one came to."
)
EDGE = (
    "What is new with its cursor in the list that it is in, as that is in its own order and without"
    " a filter: a client may add it there without loading the list again."
)
PARTIAL = (
    "Whether what can be changed is, and `problems` tells why the rest is not; else it is all of"
    " them or none."
)

VERSIONS = (
    "The versions of what `ids` name as the client knows them, in the same order; any when it is"
    " left out."
)


def changed_by(
    effect: Effect,
    name: str,
    success: type,
    arguments: Mapping[str, str],
    reason: str,
    scopes: tuple[str, ...] = (),
) -> Any:
    """A mutation: an input of the effect's parameters, and a payload of its success or problems.

    `reason` and `scopes` are what followers of its changes are told. An effect with a parameter
    named `context`, right after the session, is given the request's.
    """
    change = Change(name, effect, reason, scopes)
    wants_context = "context" in inspect.signature(effect).parameters
    signature = registry.signature(effect, 2 if wants_context else 1, arguments)
    made: Any = _input(name, signature)
    nullable = [p.name for p in signature.parameters if _must_be_said(p)]

    async def perform(context: Context, input: Any) -> Outcome:
        try:
            _check_said(nullable, vars(input))
            mutation_id, given = _mutation_id(input), signature.take(vars(input))
        except BadInput as problem:
            return mutations.told(problem)
        own = change
        if wants_context:
            own = replace(change, effect=partial(effect, context=context))
        return await mutations.perform(context, own, mutation_id, given)

    argument = Annotated[made, strawberry.argument(description="What to do.")]
    payload = _payload(name, success)
    return performed_by(perform, attrgetter("type"), argument, payload, words_of(effect))


def expected(what: str) -> str:
    """The words for an `expectedVersion` of something."""
    return f"The version of the {what} as the client knows it; any when it is left out."


def new_id(what: str) -> str:
    """The words for the id of something new."""
    return f"A UUID of the client's own for the new {what}; one is made when it is left out."


def one_by(function: Batch, key: str, description: str = "") -> Any:
    """In an outcome: what a key that it holds speaks of, as it is now."""
    words = description or f"The {key.removesuffix('_id')} as it is now."
    return related_by(function, key, description=words)


def edge_by(function: Batch, key: str) -> Any:
    """In an outcome: something new with its place in the list it is in."""
    return related_by(function, key, description=EDGE)


def edges_by(function: Batch, held: str) -> Any:
    """In an outcome: several new things with their places in the list they are in."""
    return each_by(function, held, f"{EDGE} In the order of the input.")


def _payload(name: str, success: type) -> Any:
    union = strawberry.union(f"{name}Payload", description="What the mutation came to.")
    return Annotated[Union[(success, *PROBLEMS)], union] | None


def _input(name: str, signature: Signature) -> type:
    """An input type with a field for each argument."""
    annotations: dict[str, Any] = {}
    members: dict[str, Any] = {}
    for parameter in signature.parameters:
        annotations[parameter.name], words = get_args(parameter.annotation)
        given = parameter.default is not inspect.Parameter.empty
        default = {"default": parameter.default} if given else {}
        if _must_be_said(parameter):
            default = {"default": UNSET}
        members[parameter.name] = strawberry.field(description=words.description, **default)
    annotations["mutation_id"] = strawberry.ID | None
    members["mutation_id"] = strawberry.field(description=MUTATION_ID, default=UNSET)
    made = type(f"{name}Input", (), {"__annotations__": annotations, **members})
    return strawberry.input(made, description=f"What {_spaced(name)} takes.")


def _must_be_said(parameter: inspect.Parameter) -> bool:
    """Whether null is a value here: GraphQL lets clients leave out whatever may be null."""
    annotation, _ = get_args(parameter.annotation)
    return parameter.default is inspect.Parameter.empty and type(None) in get_args(annotation)


def _check_said(names: Sequence[str], values: Mapping[str, Any]) -> None:
    for name in names:
        if values[name] is UNSET:
            raise BadInput(f"`{shown(name)}` is missing; null takes it away.", shown(name))


def _mutation_id(input: Any) -> str | None:
    given = input.mutation_id
    return None if given is None or given is UNSET else taken_id("mutationId", given)


def _spaced(name: str) -> str:
    return f"`{name[0].lower()}{name[1:]}`"
