"""Execution: a plan is run level by level; every field is resolved once for all its objects."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from engine.arguments import Arguments
from engine.completion import Unfit, items
from engine.declarations import Batch, Columns
from engine.frames import Answer, Frame, Referral, Spread
from engine.gathering import Gathering
from engine.merging import Unsupported
from engine.plans import Fetch, Selection, Taker, Wrapping
from engine.references import FoundReference, Kinds, Refers
from engine.relations import Connected, Listed, Paged, Related, Relation, Total, counted
from engine.roots import Found, FoundFor, FoundPage
from engine.stepping import Call, Mapped, Stepping, stepped
from engine.taking import Takes


@dataclass(eq=False)
class Waiting:
    """A batch function that was called, and who waits for what it says."""

    call: Call
    receive: Callable[[Mapped], None]
    leads_on: bool


class Run:
    """One operation, from its roots down and, when all rows are there, from its leaves up."""

    def __init__(self, context: Any, takes: Takes) -> None:
        self._context = context
        self._takes = takes
        self._session = Stepping(context.session)
        self._waiting: list[Waiting] = []

    async def answer(self, plan: Selection) -> dict[str, Any]:
        """The data of the operation."""
        try:
            root = self._frame(plan, [None])
            while self._waiting:
                waiting, self._waiting = self._waiting, []
                last = not any(one.leads_on for one in waiting)
                found = await stepped([one.call for one in waiting], self._context.session, last)
                for one, mapped in zip(waiting, found, strict=True):
                    one.receive(mapped)
        finally:
            for one in self._waiting:
                one.call.close()
        return Gathering(self._context, self._takes).completed(root)[0]

    def _frame(self, selection: Selection, objects: list[Any]) -> Frame:
        frame = Frame(selection, objects)
        if not objects:
            return frame
        for part in selection.parts:
            given = self._takes.given(part.asked)
            values = [part.read(one, self._context, given) for one in objects]
            frame.parts.append((part, self._spread(values, part.shape, part.selection)))
        for fetch in selection.fetches:
            self._ask(frame, fetch)
        return frame

    def _spread(self, values: list[Any], shape: Wrapping, selection: Selection) -> Spread:
        return Spread(values, shape, self._frame(selection, _flat(values, shape.many)))

    def _ask(self, frame: Frame, fetch: Fetch) -> None:
        declared = fetch.declared
        match declared:
            case Refers():
                held = [declared.held(one) for one in frame.objects]
                self._refer(frame, fetch.takers[0], held, declared.kinds)
            case FoundReference():
                self._find(frame, fetch.takers[0], declared, self._takes.given(fetch.asked))
            case Found():
                values = self._takes.values(fetch.asked)
                ((_, key),) = declared.own.take(values)
                self._fetch(frame, fetch, [key], declared.rest.take(values), declared.function)
            case FoundFor():
                taken = self._takes.taken(fetch.asked)
                self._fetch(frame, fetch, [declared.key(self._context)], taken, declared.function)
            case Total():
                first: Connected = frame.objects[0]
                if first.count is None:
                    raise Unsupported("a connection that is not counted")
                keys = [one.key for one in frame.objects]
                taken = counted(first.count, first.arguments)
                self._fetch(frame, fetch, keys, taken, first.count)
            case Relation():
                keys = [getattr(one, declared.key) for one in frame.objects]
                taken = self._takes.taken(fetch.asked)
                self._fetch(frame, fetch, keys, taken, declared.function)

    def _fetch(
        self, frame: Frame, fetch: Fetch, keys: list[Any], taken: Arguments, function: Batch
    ) -> None:
        unique = [key for key in dict.fromkeys(keys) if key is not None]
        if None in keys and not isinstance(fetch.declared, Related):
            raise Unfit("nothing to look for")
        columns = tuple(sorted(fetch.columns))

        def receive(mapped: Mapped) -> None:
            for taker in fetch.takers:
                values = self._values(taker, fetch.declared, unique, taken, mapped)
                frame.answers.append(Answer(taker, keys, unique, values))

        self._call(function, unique, columns, taken, receive, fetch.leads_on)

    def _find(
        self, frame: Frame, taker: Taker, declared: FoundReference, given: dict[str, Any]
    ) -> None:
        ids = declared.ids(**given)
        unique = list(dict.fromkeys(ids if isinstance(ids, list) else [ids]))

        def receive(mapped: Mapped) -> None:
            many = [mapped.get(one) for one in ids] if isinstance(ids, list) else None
            self._refer(frame, taker, [mapped.get(ids) if many is None else many], declared.kinds)

        self._call(declared.find, unique, (), (), receive, leads_on=True)

    def _refer(self, frame: Frame, taker: Taker, values: list[Any], kinds: Kinds) -> None:
        referral = Referral(taker, values)
        frame.referrals.append(referral)
        ids: dict[str, dict[str, None]] = {}
        for reference in _flat(values, taker.shape.many):
            ids.setdefault(reference.kind, {})[reference.id] = None
        for kind, unique in ids.items():
            selection = (taker.kinds or {})[kind]
            columns = tuple(sorted(selection.columns))
            receive = partial(self._referred, referral, kind, selection)
            self._call(kinds[kind][1], list(unique), columns, (), receive, selection.leads_on)

    def _referred(
        self, referral: Referral, kind: str, selection: Selection, mapped: Mapped
    ) -> None:
        frame = self._frame(selection, [_good(one) for one in mapped.values()])
        referral.found[kind] = (list(mapped), frame)

    def _call(
        self,
        function: Batch,
        keys: list[Any],
        columns: Columns,
        taken: Arguments,
        receive: Callable[[Mapped], None],
        leads_on: bool,
    ) -> None:
        call = function(self._session, keys, columns, **dict(taken)) if keys else _nothing()
        self._waiting.append(Waiting(cast(Call, call), receive, leads_on))

    def _values(
        self, taker: Taker, declared: Any, unique: list[Any], taken: Arguments, mapped: Mapped
    ) -> list[Any] | Spread:
        found = [_good(mapped.get(key)) for key in unique]
        if taker.selection is None:
            return [taker.picked(value) for value in found]
        if isinstance(declared, Paged | FoundPage):
            pairs = zip(unique, found, strict=True)
            found = [Connected(page, declared.count, key, taken) for key, page in pairs]
        elif isinstance(declared, Listed):
            found = [value or [] for value in found]
        return self._spread(found, taker.shape, taker.selection)


async def _nothing() -> Mapped:
    return {}


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
