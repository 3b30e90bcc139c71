"""Gathering: from the rows of all levels to what the client gets, from the leaves up."""

from collections.abc import Callable
from typing import Any

from engine.completion import missing
from engine.frames import Answer, Frame, Referral
from engine.plans import Next, Wrapping


def completed(frame: Frame, context: Any) -> list[Any]:
    """What the client gets of each value of a frame."""
    nexts: list[Next] = [missing] * frame.unit.takers
    for answer in frame.answers:
        nexts[answer.place] = _of_answer(answer, context)
    for referral in frame.referrals:
        nexts[referral.place] = iter(_of_referral(referral, context)).__next__
    return frame.unit.complete(frame.values, context, frame.given, nexts)


def _of_answer(answer: Answer, context: Any) -> Next:
    """The values of the objects in their order."""
    values = answer.values
    done = completed(values, context) if isinstance(values, Frame) else values
    if len(answer.unique) == len(answer.keys):
        return iter(done).__next__
    by_key = dict(zip(answer.unique, done, strict=True))
    if not answer.required:
        by_key[None] = None
    return map(by_key.__getitem__, answer.keys).__next__


def _of_referral(referral: Referral, context: Any) -> list[Any]:
    known: dict[tuple[str, str], dict[str, Any]] = {}
    for kind, (ids, frame) in referral.found.items():
        done = completed(frame, context)
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
    return missing() if shape.required and None in done else done


def _items(value: list[Any], required: bool, complete: Callable[[Any], Any]) -> list[Any]:
    done = [None if one is None else complete(one) for one in value]
    return missing() if required and None in done else done
