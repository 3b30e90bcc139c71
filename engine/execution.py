"""Execution: a plan is run level by level; every field is resolved once for all its objects."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any, cast

from engine.arguments import Arguments
from engine.completion import Unfit, items
from engine.declarations import Batch, Columns
from engine.frames import Answer, Frame, Referral
from engine.gathering import completed
from engine.merging import Unsupported
from engine.performing import Performed
from engine.plans import Deed, Fetch, Onward, Plan, Taker, Unit
from engine.references import FoundReference, Kinds, Refers
from engine.relations import Connected, Each, Held, Listed, Paged, Related, Relation, Total, counted
from engine.roots import Found, FoundFor, FoundPage
from engine.stepping import Call, Mapped, Receive, Stepping, stepped
from engine.taking import Takes
from engine.watching import Beside

_NOTHING_EARLY: Mapping[Onward, Mapped] = {}


async def answer(
    plan: Plan, takes: Takes, context: Any, root: Any, beside: Beside | None
) -> dict[str, Any]:
    """The data of an operation."""
    if isinstance(plan, Unit):
        return await Run(context, takes).answer(plan, root, beside)
    data: dict[str, Any] = {}
    for name, deed in plan.items():
        data[name] = deed if isinstance(deed, str) else await _performed(name, deed, takes, context)
    return data


async def _performed(name: str, deed: Deed, takes: Takes, context: Any) -> dict[str, Any]:
    declared = cast(Performed, deed.asked.declared)
    perform = partial(declared.perform, context, **takes.values(deed.asked))
    came_to = await context.done.once(name, perform)
    return await Run(context, takes).answer(deed.kinds[declared.kind(came_to)], came_to)


@dataclass(eq=False, slots=True)
class Waiting:
    """A batch function that was called, and who waits for what it says."""

    call: Call
    receive: Receive
    leads_on: bool


class Run:
    """One operation, from its roots down and, when all rows are there, from its leaves up."""

    def __init__(self, context: Any, takes: Takes) -> None:
        self._context = context
        self._takes = takes
        self._session = Stepping(context.session)
        self._waiting: list[Waiting] = []

    async def answer(self, plan: Unit, root: Any, beside: Beside | None = None) -> dict[str, Any]:
        """The data of what begins with the fields of the root."""
        try:
            if beside is not None:
                keep = partial(setattr, beside, "said")
                self._call(beside.function, beside.keys, (), (), keep, leads_on=False)
            frame = self._frame(plan, [root])
            while self._waiting:
                waiting, self._waiting = self._waiting, []
                last = not any(one.leads_on for one in waiting)
                calls, receives = [one.call for one in waiting], [one.receive for one in waiting]
                await stepped(calls, receives, self._context.session, last)
        finally:
            for one in self._waiting:
                one.call.close()
        data: dict[str, Any] = completed(frame, self._context)[0]
        return data

    def _frame(
        self, unit: Unit, values: list[Any], early: Mapping[Onward, Mapped] = _NOTHING_EARLY
    ) -> Frame:
        """Begin with values that were found: ask what leads on from them."""
        given = tuple(map(self._takes.given, unit.asking))
        frame = Frame(unit, values, given)
        for onward in unit.onwards:
            objects = onward.flatten(values, self._context, given)
            if objects:
                self._ask(frame, onward, objects, early.get(onward))
        return frame

    def _ask(self, frame: Frame, onward: Onward, objects: list[Any], early: Mapped | None) -> None:
        fetch = onward.fetch
        declared = fetch.declared
        match declared:
            case Each():
                held = [[Held(key) for key in getattr(one, declared.key)] for one in objects]
                self._refer(frame, onward, held, {"": ("", declared.function)})
            case Relation():
                keys = list(map(attrgetter(declared.key), objects))
                taken = self._takes.taken(fetch.asked)
                self._fetch(frame, onward, keys, taken, declared.function, early)
            case Total():
                first: Connected = objects[0]
                if first.count is None:
                    raise Unsupported("a connection that is not counted")
                keys = [one.key for one in objects]
                taken = counted(first.count, first.arguments)
                self._fetch(frame, onward, keys, taken, first.count)
            case Found():
                ((_, key),) = declared.own.take(self._takes.values(fetch.asked))
                taken = declared.rest.take(self._takes.values(fetch.asked))
                self._fetch(frame, onward, [key], taken, declared.function)
            case FoundFor():
                taken = self._takes.taken(fetch.asked)
                self._fetch(frame, onward, [declared.key(self._context)], taken, declared.function)
            case Refers():
                held = [declared.held(one) for one in objects]
                self._refer(frame, onward, held, declared.kinds)
            case FoundReference():
                self._find(frame, onward, declared, self._takes.given(fetch.asked))

    def _fetch(
        self,
        frame: Frame,
        onward: Onward,
        keys: list[Any],
        taken: Arguments,
        function: Batch,
        early: Mapped | None = None,
    ) -> None:
        fetch = onward.fetch
        distinct = dict.fromkeys(keys)
        if None in distinct:
            if not isinstance(fetch.declared, Related):
                raise Unfit("nothing to look for")
            del distinct[None]
        unique = list(distinct)
        ahead: dict[Onward, Mapped] = {}

        def receive(mapped: Mapped) -> None:
            found = _found(fetch.declared, unique, taken, mapped)
            for place, taker in enumerate(fetch.takers, onward.first):
                values = self._values(taker, found, ahead)
                answer = Answer(place, taker.shape.required, keys, unique, values)
                frame.answers.append(answer)

        if early is not None:
            receive(early)
            return
        self._look_ahead(fetch, unique, ahead)
        self._call(function, unique, fetch.sorted_columns, taken, receive, fetch.leads_on)

    def _look_ahead(self, fetch: Fetch, keys: list[Any], ahead: dict[Onward, Mapped]) -> None:
        """Fetch with these keys what the rows themselves will be asked for; it comes first."""
        for taker in fetch.takers:
            for onward in taker.unit.onwards if taker.unit else ():
                below = onward.fetch
                if onward.early and isinstance(below.declared, Relation):
                    taken = self._takes.taken(below.asked)
                    keep = partial(ahead.__setitem__, onward)
                    function = below.declared.function
                    self._call(function, keys, below.sorted_columns, taken, keep, below.leads_on)

    def _find(
        self, frame: Frame, onward: Onward, declared: FoundReference, given: dict[str, Any]
    ) -> None:
        ids = declared.ids(**given)
        unique = list(dict.fromkeys(ids if isinstance(ids, list) else [ids]))

        def receive(mapped: Mapped) -> None:
            many = [mapped.get(one) for one in ids] if isinstance(ids, list) else None
            self._refer(frame, onward, [mapped.get(ids) if many is None else many], declared.kinds)

        self._call(declared.find, unique, (), (), receive, leads_on=True)

    def _refer(self, frame: Frame, onward: Onward, values: list[Any], kinds: Kinds) -> None:
        (taker,) = onward.fetch.takers
        referral = Referral(onward.first, taker, values)
        frame.referrals.append(referral)
        ids: dict[str, dict[str, None]] = {}
        for reference in _flat(values, taker.shape.many):
            ids.setdefault(reference.kind, {})[reference.id] = None
        for kind, unique in ids.items():
            unit = (taker.kinds or {})[kind]
            columns = tuple(sorted(unit.columns))
            receive = partial(self._referred, referral, kind, unit)
            self._call(kinds[kind][1], list(unique), columns, (), receive, unit.leads_on)

    def _referred(self, referral: Referral, kind: str, unit: Unit, mapped: Mapped) -> None:
        frame = self._frame(unit, [_good(one) for one in mapped.values()])
        referral.found[kind] = (list(mapped), frame)

    def _call(
        self,
        function: Batch,
        keys: list[Any],
        columns: Columns,
        taken: Arguments,
        receive: Receive,
        leads_on: bool,
    ) -> None:
        call = function(self._session, keys, columns, **dict(taken)) if keys else _nothing()
        self._waiting.append(Waiting(cast(Call, call), receive, leads_on))

    def _values(
        self, taker: Taker, found: list[Any], ahead: Mapping[Onward, Mapped]
    ) -> list[Any] | Frame:
        if taker.unit is None:
            return [taker.picked(value) for value in found]
        return self._frame(taker.unit, found, ahead)


async def _nothing() -> Mapped:
    return {}


def _found(declared: Any, unique: list[Any], taken: Arguments, mapped: Mapped) -> list[Any]:
    """What the batch function says of each key."""
    found = [_good(mapped.get(key)) for key in unique]
    if isinstance(declared, Paged | FoundPage):
        pairs = zip(unique, found, strict=True)
        return [Connected(page, declared.count, key, taken) for key, page in pairs]
    if isinstance(declared, Listed):
        return [value or [] for value in found]
    return found


def _flat(values: list[Any], many: bool) -> list[Any]:
    if not many:
        return [value for value in values if value is not None]
    lists = [items(value) for value in values if value is not None]
    return [one for value in lists for one in value if one is not None]


def _good(value: Any) -> Any:
    """A batch function may answer with an exception for some of its keys."""
    if isinstance(value, Exception):
        raise value
    return value
