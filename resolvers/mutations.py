"""Mutations: how each is carried out, whole or not at all, and once even if it is sent twice."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import orjson

from db import mutations, writing
from db.base import Columns, Keys
from db.edits import Hold
from db.errors import (
    BadInput,
    Conflict,
    Invalid,
    Issue,
    NotFound,
    Problem,
    Reason,
    Reference,
    Refused,
)
from db.rows import Row
from db.writing import Errand, Purpose, Undone, Writing
from engine.arguments import Arguments, shown
from resolvers.context import Context

TRIES = 3


@dataclass(frozen=True)
class Outcome:
    """What a mutation came to: the type that tells it, and what that type shows, as JSON."""

    type: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(f"{self.type} shows no {name!r}") from None


Effect = Callable[..., Awaitable[Outcome]]
ById = Callable[[Writing, Keys, Columns], Awaitable[Mapping[str, Row]]]


@dataclass(frozen=True)
class Change:
    """A mutation: what it does, and what followers of its changes are told."""

    name: str
    effect: Effect
    reason: str
    scopes: tuple[str, ...] = ()


async def perform(
    context: Context, change: Change, mutation_id: str | None, given: Arguments
) -> Outcome:
    """Carry out a mutation in a transaction of its own; what is read afterwards sees it."""
    # Whoever holds a connection for what was read before, and waits for another, may wait for ever.
    await context.renew()
    for _ in range(TRIES - 1):
        try:
            return await _performed(context, change, mutation_id, given)
        except Exception as error:
            if not writing.may_pass(error):
                raise
    return await _performed(context, change, mutation_id, given)


def told(problem: Problem) -> Outcome:
    """A problem as clients are told of it."""
    about = {"code": problem.code, "message": problem.message}
    match problem:
        case BadInput():
            wrong = [asdict(issue) for issue in _issues(problem)]
            return Outcome("ValidationFailed", about | {"issues": wrong})
        case Conflict():
            kept = problem.current and asdict(problem.current)
            return Outcome("Conflict", about | {"kept": kept, "changed_fields": problem.changed})
        case NotFound():
            return Outcome("NotFound", about | {"argument": placed(problem.argument)})
        case Refused():
            kept = problem.obstacle and asdict(problem.obstacle)
            return Outcome("Refused", about | {"reason": problem.reason.value, "kept": kept})
        case _:
            raise problem


def issues(failed: Outcome) -> list[Issue]:
    """All that is wrong, argument by argument."""
    return [Issue(**issue) for issue in failed.values["issues"]]


def reason(refused: Outcome) -> Reason:
    """Why it is not done, as a word."""
    return Reason(refused.values["reason"])


def referred(problem: Outcome) -> Reference | None:
    """What it is about, as far as this viewer may see it."""
    kept = problem.kept
    return kept and Reference(**kept)


def expect(row: Row, version: int | None, kind: str, given: Mapping[str, Any]) -> None:
    """Refuse to change a row that is not of the expected version, naming what differs by now."""
    if version is None or row.version == version:
        return
    raise conflict(row, kind, differing(row, given))


def differing(row: Row, given: Mapping[str, Any]) -> list[str]:
    """The arguments that are not what the row holds by now, by the names of its columns."""
    return [shown(name) for name, value in given.items() if getattr(row, name, value) != value]


def conflict(row: Row, kind: str, changed: Sequence[str]) -> Conflict:
    """That a row is not of the expected version, and what differs by now from what was sent."""
    message = f"It was changed meanwhile: its version is {row.version}."
    return Conflict(message, Reference(kind, row.id), changed)


def taken(kind: str, id: str) -> Conflict:
    """That an id is in use; what uses it is only shown to those who may see it."""
    return Conflict("There is something with this id already.", Reference(kind, id))


async def held_one(session: Writing, hold: Hold, kind: str, id: str, argument: str = "id") -> Row:
    """A row that is to be changed, once it is clear that the viewer may do that."""
    return (await held(session, hold, kind, {id: argument}))[id]


async def held(
    session: Writing, hold: Hold, kind: str, places: Mapping[str, str]
) -> dict[str, Row]:
    """Rows that are to be changed, by their ids; each comes with the argument that names it."""
    found = await hold(session, list(places))
    for fault in faults(found, kind, places).values():
        raise fault
    return {one: found[one] for one in places}


async def refuse_known(session: Writing, by_id: ById, kind: str, *ids: str | None) -> None:
    """Refuse to make what is there already, as far as the viewer may know that."""
    given = [one for one in ids if one is not None]
    found = await by_id(session, given, ("id",)) if given else {}
    if known := next((one for one in given if one in found), None):
        raise taken(kind, known)


def faults(found: Mapping[str, Row], kind: str, places: Mapping[str, str]) -> dict[str, Problem]:
    """Why rows cannot be changed: first those that are not there."""
    message = f"The viewer may look at this {kind}, but not change it."
    missing: dict[str, Problem] = {
        one: NotFound(f"There is no such {kind.replace('_', ' ')}.", place)
        for one, place in places.items()
        if one not in found
    }
    return missing | {
        one: Refused(Reason.READ_ONLY, message, place)
        for one, place in places.items()
        if one in found and not found[one].writable
    }


async def _performed(
    context: Context, change: Change, mutation_id: str | None, given: Arguments
) -> Outcome:
    purpose = Purpose(change.reason, change.scopes, mutation_id)
    refused: Problem | None = None

    async def decide(session: Writing) -> Outcome:
        return told(refused) if refused else await _tried(session, change, given)

    while True:
        try:
            keeps_outcome = mutation_id is not None
            async with writing.transaction(context.session, purpose, keeps_outcome) as session:
                if mutation_id is None:
                    return await decide(session)
                return await _once(session, mutation_id, _digest(change, given), decide)
        except Undone as undone:
            # What is left to do is to keep that, unless a repeat has come to something meanwhile.
            refused = undone.problem
        except Errand as errand:
            await errand.run()


async def _once(
    session: Writing,
    mutation_id: str,
    digest: str,
    decide: Callable[[Writing], Awaitable[Outcome]],
) -> Outcome:
    kept = await mutations.begin(session, mutation_id, digest)
    if kept is None:
        outcome = await decide(session)
        await mutations.finish(session, mutation_id, asdict(outcome))
        return outcome
    kept_digest, kept_outcome = kept
    if kept_digest != digest:
        message = "This mutationId stands for another mutation, or for other input."
        return told(Refused(Reason.MUTATION_ID_REUSED, message))
    return Outcome(**kept_outcome)


async def _tried(session: Writing, change: Change, given: Arguments) -> Outcome:
    try:
        async with session.effects():
            return await change.effect(session, **dict(given))
    except Problem as problem:
        return told(problem)


def _digest(change: Change, given: Arguments) -> str:
    words = orjson.dumps([change.name, given], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(words).hexdigest()


def _issues(problem: BadInput) -> Sequence[Issue]:
    found = (
        problem.issues
        if isinstance(problem, Invalid)
        else (Issue(problem.argument or "", problem.message),)
    )
    return [replace(issue, argument=placed(issue.argument)) for issue in found]


def placed(argument: str | None) -> str:
    """An argument as a path from the input."""
    return f"input.{argument}" if argument else "input"
