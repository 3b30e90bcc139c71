"""Revisions: how people change settings; every change can be taken back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from db import revisions, tools
from db import settings as kept
from db.base import Id, Json
from db.errors import BadInput, Conflict, Invalid, Issue, Reason, Reference, Refused
from db.settings import Layer, Place, ToolSettings, Write, Written
from db.tools import Scope
from db.writing import Writing
from resolvers import cascade, checks, settings
from resolvers.mutations import Outcome
from resolvers.tools import Faults, faults

MOST_PATCHES = 100
MOST_POINTERS = 1_000


@dataclass(frozen=True)
class Patch:
    """One of several changes of settings."""

    scope: Scope
    id: Id
    tool: str
    patch: Json | None = None
    unset: tuple[str, ...] | None = None
    expected_version: int | None = None


async def update(
    session: Writing,
    scope: Scope,
    id: Id,
    tool: str,
    patch: Json | None = None,
    unset: tuple[str, ...] | None = None,
    expected_version: int | None = None,
) -> Outcome:
    """Change what one scope holds for a tool; keys that are not named keep what they have."""
    given = Patch(scope, id, tool, patch, unset, expected_version)
    return _changed(await _written(session, [_write(given)]))


async def update_many(session: Writing, patches: tuple[Patch, ...]) -> Outcome:
    """Change what several scopes hold for several tools, all of it or nothing."""
    checks.check_number(patches, "patches", MOST_PATCHES)
    writes = [_write(patch, f"patches[{index}].") for index, patch in enumerate(patches)]
    places = await _written(session, writes)
    return Outcome("ManyToolSettingsChanged", {"places": places})


async def reset(
    session: Writing, scope: Scope, id: Id, tool: str, expected_version: int | None = None
) -> Outcome:
    """Forget all that one scope holds for a tool, so that it inherits everything again."""
    settings.check_name(tool, "tool")
    write = Write(scope, id, tool, unset=("",), expected=expected_version, argument="tool")
    return _changed(await _written(session, [write]))


async def rollback(
    session: Writing,
    scope: Scope,
    id: Id,
    tool: str,
    version: int,
    expected_version: int | None = None,
) -> Outcome:
    """Bring back what one scope held for a tool at an earlier version, as a new version."""
    settings.check_name(tool, "tool")
    # A write without effect holds the entity, so that no version is added meanwhile.
    held = Write(scope, id, tool, expected=expected_version, argument="version")
    places = await _written(session, [held])
    before = await revisions.before(session, scope, id, tool, version)
    if version + 1 in before:
        then = held._replace(unset=("",), patch=before[version + 1], expected=None)
        return _changed(await _written(session, [then]))
    if version in before or version == 0:
        return _changed(places)
    raise BadInput("There is no such version.", "version")


async def update_ui_state(
    session: Writing,
    patch: Json | None = None,
    unset: tuple[str, ...] | None = None,
    expected_version: int | None = None,
) -> Outcome:
    """Keep how the viewer leaves the application: a change of their settings for the tool `ui`."""
    given = Patch(Scope.USER, Id(session.viewer_id), settings.UI, patch, unset, expected_version)
    await _written(session, [_write(given)])
    return Outcome("ViewerChanged", {"user_id": session.viewer_id})


def _changed(places: Sequence[str]) -> Outcome:
    return Outcome("ToolSettingsChanged", {"place": places[0]})


def _write(given: Patch, prefix: str = "") -> Write:
    """The write that a patch asks for, once it is clear that it can be done."""
    settings.check_name(given.tool, f"{prefix}tool")
    patch, unset = checked(given.patch, given.unset, prefix)
    argument = f"{prefix}{'unset' if patch is None else 'patch'}"
    return Write(given.scope, given.id, given.tool, patch, unset, given.expected_version, argument)


def checked(
    given: Json | None, unset: tuple[str, ...] | None, prefix: str = ""
) -> tuple[Any, Sequence[str]]:
    """A patch and the pointers that come with it, once it is clear that they can be taken."""
    patch = None if given is None else orjson.loads(given)
    if given is not None and not isinstance(patch, dict):
        raise BadInput("A patch must be an object.", f"{prefix}patch")
    if patch is None and not unset:
        raise BadInput("There must be a patch, or keys to take out.", f"{prefix}patch")
    _check_pointers(unset or (), f"{prefix}unset")
    return patch, unset or ()


def _check_pointers(pointers: Sequence[str], argument: str) -> None:
    if len(pointers) > MOST_POINTERS:
        raise BadInput(f"At most {MOST_POINTERS:,} pointers at once.", argument)
    for one in pointers:
        if one and not one.startswith("/"):
            raise BadInput("A JSON pointer is empty or begins with `/`.", argument)


async def _written(session: Writing, writes: Sequence[Write]) -> list[str]:
    """Do all writes or none; gives the places that were changed."""
    results = await kept.change(session, writes)
    done = [_done(write, result) for write, result in zip(writes, results, strict=True)]
    await _check_schemas(session, writes, done)
    return [_named(_place(write)) for write in writes]


def _done(write: Write, result: Written | None) -> Written:
    prefix = write.argument[: write.argument.rfind(".") + 1]
    if result is None:
        raise kept.missing(write.scope, f"{prefix}id")
    if not result.writable:
        message = "Only editors and owners of a project change its settings."
        raise Refused(Reason.READ_ONLY, message, f"{prefix}id")
    if not result.written:
        message = f"The settings were changed meanwhile: their version is {result.version}."
        now = Reference("tool_settings", _named(_place(write)))
        differing = cascade.differing(write.patch, write.unset, result.value)
        raise Conflict(message, now, list(differing))
    return result


async def _check_schemas(
    session: Writing, writes: Sequence[Write], done: Sequence[Written]
) -> None:
    """Refuse what breaks the schema of its tool, by faults that were not there before."""
    pairs = [pair for pair in zip(writes, done, strict=True) if pair[1].has_schema]
    if not pairs:
        return
    schemas = await tools.schemas(session, [write.tool for write, _ in pairs])
    found = await kept.at(session, [_place(write) for write, _ in pairs])
    issues = [
        replace(issue, argument=write.argument)
        for (write, result), now in zip(pairs, found, strict=True)
        if isinstance(now, ToolSettings)
        for issue in _brought(schemas[write.tool], write, result, now)
    ]
    if issues:
        raise Invalid(issues)


def _brought(schema: Any, write: Write, result: Written, now: ToolSettings) -> list[Issue]:
    after = faults(schema, settings.value(now))
    if not after:
        return []
    then = now.with_layer(write.scope, Layer(result.was, result.version))
    before: Faults = faults(schema, settings.value(then))
    return [issue for fault, issue in after.items() if fault not in before]


def _place(write: Write) -> Place:
    return Place(
        write.tool,
        write.id if write.scope is Scope.PROJECT else None,
        write.id if write.scope is Scope.SHOT else None,
    )


def _named(place: Place) -> str:
    return orjson.dumps([place.tool, place.project_id, place.shot_id]).decode()
