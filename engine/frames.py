"""Frames: an operation while it runs, level by level as its rows come in."""

from dataclasses import dataclass, field
from typing import Any

from engine.plans import Part, Selection, Taker, Wrapping


@dataclass(eq=False)
class Frame:
    """The objects of one selection while the operation runs, and what was found for them."""

    selection: Selection
    objects: list[Any]
    parts: list[tuple[Part, "Spread"]] = field(default_factory=list)
    answers: list["Answer"] = field(default_factory=list)
    referrals: list["Referral"] = field(default_factory=list)


@dataclass(eq=False)
class Spread:
    """Values, each an object, a list of objects or nothing, and the frame of all those objects."""

    values: list[Any]
    shape: Wrapping
    frame: Frame


@dataclass(eq=False)
class Answer:
    """What a fetch said for one of its fields: for each object its key, for each key its value."""

    taker: Taker
    keys: list[Any]
    unique: list[Any]
    values: "list[Any] | Spread"


@dataclass(eq=False)
class Referral:
    """The references that objects hold, and what was found of each kind."""

    taker: Taker
    values: list[Any]
    found: dict[str, tuple[list[Any], Frame]] = field(default_factory=dict)
