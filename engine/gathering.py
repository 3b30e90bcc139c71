"""Gathering: from the rows of all levels to what the client gets, from the leaves up."""

from collections.abc import Callable
from typing import Any

from engine.completion import Unfit
from engine.frames import Answer, Frame, Referral, Spread
from engine.plans import Wrapping
from engine.taking import Takes


class Gathering:
    """Completes the frames of one operation."""

    def __init__(self, context: Any, takes: Takes) -> None:
        self._context = context
        self._takes = takes

    def completed(self, frame: Frame) -> list[dict[str, Any]]:
        """What the client gets of each object of a frame."""
        if not frame.objects:
            return []
        values = {part.name: self._spread(spread) for part, spread in frame.parts}
        for answer in frame.answers:
            values[answer.taker.name] = self._answer(answer)
        for referral in frame.referrals:
            values[referral.taker.name] = self._referral(referral)
        selection = frame.selection
        given = {leaf.name: self._takes.given(leaf.asked) for leaf in selection.asking}
        return selection.complete(frame.objects, self._context, given, values)

    def _spread(self, spread: Spread) -> list[Any]:
        done = iter(self.completed(spread.frame))
        return _wrapped(spread.values, spread.shape, lambda _: next(done))

    def _answer(self, answer: Answer) -> list[Any]:
        values = answer.values
        done = self._spread(values) if isinstance(values, Spread) else values
        by_key = dict(zip(answer.unique, done, strict=True))
        if answer.taker.shape.required:
            return [by_key[key] for key in answer.keys]
        return [by_key.get(key) for key in answer.keys]

    def _referral(self, referral: Referral) -> list[Any]:
        known: dict[tuple[str, str], dict[str, Any]] = {}
        for kind, (ids, frame) in referral.found.items():
            done = self.completed(frame)
            known |= {(kind, one): value for one, value in zip(ids, done, strict=True)}
        return _wrapped(
            referral.values, referral.taker.shape, lambda one: known.get((one.kind, one.id))
        )


def _wrapped(values: list[Any], shape: Wrapping, complete: Callable[[Any], Any]) -> list[Any]:
    """Values completed and put back as they came: alone, in lists, or not there at all."""
    if shape.many:
        done = [
            None if value is None else _items(value, shape.items_required, complete)
            for value in values
        ]
    else:
        done = [None if value is None else complete(value) for value in values]
    if shape.required and None in done:
        raise Unfit("null where there must be an object")
    return done


def _items(value: list[Any], required: bool, complete: Callable[[Any], Any]) -> list[Any]:
    done = [None if one is None else complete(one) for one in value]
    if required and None in done:
        raise Unfit("null in a list of required items")
    return done
