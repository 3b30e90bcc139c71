"""Items: what is done to several things at once, to all of them or to those that can be changed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from db.edits import Hold
from db.errors import Problem
from db.writing import Writing
from resolvers import mutations
from resolvers.mutations import Outcome


@dataclass(frozen=True)
class Chosen:
    """The ids of what is changed, and why others are left as they are, as JSON."""

    ids: list[str]
    left: list[Any]


@dataclass(frozen=True)
class Left:
    """Why one item is left as it is: its argument, and the problem as clients are told of it."""

    argument: str
    problem: Outcome


async def held(
    session: Writing, hold: Hold, kind: str, ids: Sequence[str], partial: bool
) -> Chosen:
    """What is to be changed: everything or, when that is asked for, what the viewer may change."""
    places = mutations.places_of(ids)
    found = await hold(session, list(places))
    faults = mutations.faults(found, kind, places)
    if faults and not partial:
        raise next(iter(faults.values()))
    left = left_out({places[one]: fault for one, fault in faults.items()})
    return Chosen([one for one in places if one not in faults], left)


def left_out(faults: Mapping[str, Problem]) -> list[Any]:
    """Why items are left as they are, by their places in the input, as JSON."""
    return [
        {"argument": mutations.placed(place), "told": asdict(mutations.told(fault))}
        for place, fault in faults.items()
    ]


def problems(reached: Outcome) -> list[Left]:
    """Why items of the input were left as they were; only with `partial`."""
    left = reached.values.get("left", ())
    return [Left(one["argument"], Outcome(**one["told"])) for one in left]
