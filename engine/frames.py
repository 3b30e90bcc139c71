"""Frames: an operation while it runs, level by level as its rows come in."""

from dataclasses import dataclass, field
from typing import Any

from engine.plans import Given, Taker, Unit


@dataclass(eq=False, slots=True)
class Frame:
    """The values of one unit while the operation runs, and what was found for them."""

    unit: Unit
    values: list[Any]
    given: Given
    answers: list["Answer"] = field(default_factory=list)
    referrals: list["Referral"] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Answer:
    """What a fetch said for one of its fields: for each object its key, for each key its value."""

    place: int
    required: bool
    keys: list[Any]
    unique: list[Any]
    values: list[Any] | Frame


@dataclass(eq=False, slots=True)
class Referral:
    """The references that objects hold, and what was found of each kind."""

    place: int
    taker: Taker
    values: list[Any]
    found: dict[str, tuple[list[Any], Frame]] = field(default_factory=dict)
