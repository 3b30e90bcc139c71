"""Events: what subscriptions follow, from where, and which events they are told."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from db import events, generations, shots
from db.base import Columns, Id, Keys
from db.errors import BadInput, NotFound, Reference
from db.events import ChangeScope, Event, Kind, Op, Place
from db.session import Session
from resolvers import checks
from resolvers.context import Context

PATIENCE = 25

# The word for what a table keeps, by which its rows are found.
KINDS = {
    "generations": "generation",
    "generation_variants": "variant",
    "shots": "shot",
    "shot_generations": "shot_entry",
    "projects": "project",
    "runs": "run",
    "tasks": "task",
    "users": "user",
    "assets": "asset",
    "project_invitations": "invitation",
}
# Memberships are told of too, though nothing is found by them.
TOLD = KINDS.keys() | {"project_members"}


@dataclass(frozen=True)
class Wanted:
    """Which events are told; each set names what one of an event's must be, None means any."""

    tables: frozenset[str] | None = None
    scopes: frozenset[str] | None = None
    shot: str | None = None
    generations: frozenset[str] | None = None

    def of(self, event: Event) -> Event | None:
        """The event as it is told, with those of its changes that are wanted."""
        if not event.tables:
            return event
        if not self._concerns(event):
            return None
        if self.tables is None or not event.changes:
            return event
        changes = tuple(one for one in event.changes if one.table in self.tables)
        if len(changes) == len(event.changes):
            return event
        return replace(event, changes=changes) if changes else None

    def _concerns(self, event: Event) -> bool:
        named = self.scopes is None or not self.scopes.isdisjoint(event.scopes)
        return (
            (named or ChangeScope.ALL.value in event.scopes)
            and (self.tables is None or not self.tables.isdisjoint(event.tables))
            and (self.shot is None or self.shot in event.shot_ids)
            and (self.generations is None or self._is_about(event))
        )

    def _is_about(self, event: Event) -> bool:
        wanted = self.generations or frozenset()
        return not event.changes or any(
            one.id in wanted or one.parent in wanted for one in event.changes
        )


@dataclass(frozen=True)
class Watch:
    """What a subscription follows: the feed of a scope, from a place on.

    `seen` is where the feed stood when the viewer was seen to take part; a place that nobody
    knows any more is `lost`, and all is to be loaded again.
    """

    argument: str
    seen: Place
    place: Place
    lost: bool
    wanted: Wanted


async def of_project(
    context: Context,
    project_id: Id,
    after: str | None = None,
    tables: tuple[str, ...] | None = None,
    scopes: tuple[ChangeScope, ...] | None = None,
    shot_id: Id | None = None,
) -> Watch:
    """What is committed in a project, one event for each transaction, whoever wrote it."""
    for index, table in enumerate(tables or ()):
        if table not in TOLD:
            known = ", ".join(sorted(TOLD))
            raise BadInput(f"There is no such table; there are {known}.", f"tables[{index}]")
    named = None if scopes is None else frozenset(scope.value for scope in scopes)
    wanted = Wanted(None if tables is None else frozenset(tables), named, shot_id)
    return await _watch(context.session, project_id, "projectId", "project", after, wanted)


async def of_viewer(context: Context, after: str | None = None) -> Watch:
    """What becomes of the viewer's own: settings, credits, which projects they take part in, files
    for training, and invitations: to them, and to those projects that they own."""
    return await _watch(context.session, context.viewer_id, "after", "viewer", after, Wanted())


async def of_shot(context: Context, shot_id: Id, after: str | None = None) -> Watch:
    """What is committed about a shot and what is in it."""
    (project,) = await _projects(context.session, shots.by_id, [shot_id], "shotId", "shot")
    wanted = Wanted(shot=shot_id)
    return await _watch(context.session, project, "shotId", "shot", after, wanted)


async def of_generations(context: Context, ids: tuple[Id, ...], after: str | None = None) -> Watch:
    """What becomes of some generations of one project and of their takes."""
    checks.check_number(ids)
    found = await _projects(context.session, generations.by_id, ids, "ids", "generation")
    if len(found) > 1:
        raise BadInput("The generations must be of one project.", "ids")
    wanted = Wanted(generations=frozenset(ids))
    return await _watch(context.session, found[0], "ids", "generation", after, wanted)


async def changes(
    root: Any, context: Context, after: str, project_id: Id | None = None, wait: float = 0.0
) -> Sequence[Event]:
    """What came after a cursor of a project's feed or, without a project, of the viewer's own.
    It is asked for alone: whatever else were read would be older than it.

    Until something comes it waits as many seconds as are allowed, 0 to 25.
    """
    checks.check_range("wait", wait, 0, PATIENCE)
    if project_id is None:
        watch = await of_viewer(context, after)
    else:
        watch = await of_project(context, project_id, after)
    # What is read of the changes must not be older than they are.
    await context.renew()
    if watch.lost:
        return [Event(watch.seen, Kind.RESYNC)]
    if context.following is None:
        raise RuntimeError("nobody follows the feed here")
    found = await context.following.next(watch.place, wait)
    # Whoever was removed while they waited is told nothing of what came afterwards.
    if not await events.places(context.session, [watch.place.scope]):
        raise NotFound("There is no such project.", "projectId")
    return found


def cursor(event: Event, context: Context) -> str:
    """The place after this event, for `after`."""
    return event.place.sealed(context.session.cursors)


def reference(change: events.Change) -> Reference | None:
    """What the changed row shows; nothing when it was deleted."""
    kind = KINDS.get(change.table)
    return None if kind is None or change.op is Op.DELETE else Reference(kind, change.id)


def parent(change: events.Change) -> Reference | None:
    """What the changed row is a part of."""
    return None if change.parent is None else Reference("generation", change.parent)


Find = Callable[[Session, Keys, Columns], Awaitable[Any]]


async def _projects(
    session: Session, find: Find, ids: Sequence[str], argument: str, kind: str
) -> list[str]:
    """The projects of rows, all of which must be there."""
    found = await find(session, list(ids), ("project_id",))
    for one in ids:
        if one not in found:
            raise NotFound(f"There is no such {kind}.", argument)
    return list(dict.fromkeys(found[one].project_id for one in ids))


async def _watch(
    session: Session, scope: str, argument: str, kind: str, after: str | None, wanted: Wanted
) -> Watch:
    seen = (await events.places(session, [scope])).get(scope)
    if seen is None:
        raise NotFound(f"There is no such {kind}.", argument)
    if after is None:
        return Watch(argument, seen, seen, False, wanted)
    place = events.opened(session.cursors, scope, after)
    return Watch(argument, seen, place or seen, place is None, wanted)
