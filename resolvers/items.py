"""Items: what is done to several things at once, to all of them or to those that can be changed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from db.edits import Hold
from db.errors import BadInput, Problem
from db.rows import Row
from db.writing import Writing
from resolvers import checks, mutations
from resolvers.mutations import Outcome

# The arguments that are not what a row holds by now.
Differing = Callable[[Row], Sequence[str]]


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


def nothing(_: Row) -> Sequence[str]:
    """That no argument says what a row is to hold."""
    return ()


def places_of(ids: Sequence[str]) -> dict[str, str]:
    """Each id once, with its place in the input; refuses none, and more than are done at once."""
    checks.check_number(ids)
    places: dict[str, str] = {}
    for index, one in enumerate(ids):
        places.setdefault(one, f"ids[{index}]")
    return places


async def held(
    session: Writing,
    hold: Hold,
    kind: str,
    ids: Sequence[str],
    partial: bool,
    versions: Sequence[int] | None,
    differing: Differing = nothing,
) -> Chosen:
    """What is to be changed: everything or, when that is asked for, what can be changed."""
    places = places_of(ids)
    found = await hold(session, list(places))
    faults = mutations.faults(found, kind, places)
    theirs = {one: found[one] for one in places if one not in faults}
    faults |= conflicts(theirs, kind, ids, versions, differing)
    if faults and not partial:
        raise next(iter(faults.values()))
    left = left_out({places[one]: fault for one, fault in faults.items()})
    return Chosen([one for one in places if one not in faults], left)


def expect(
    found: Mapping[str, Row],
    kind: str,
    ids: Sequence[str],
    versions: Sequence[int] | None,
    differing: Differing = nothing,
) -> None:
    """Refuse to change rows when one of them is of another version than the client knows."""
    for conflict in conflicts(found, kind, ids, versions, differing).values():
        raise conflict


def conflicts(
    found: Mapping[str, Row],
    kind: str,
    ids: Sequence[str],
    versions: Sequence[int] | None,
    differing: Differing = nothing,
) -> dict[str, Problem]:
    """Why rows are not changed that are of another version than the client knows, by their ids."""
    if versions is None:
        return {}
    if len(versions) != len(ids):
        raise BadInput("There must be a version for each of `ids`.", "expectedVersions")
    return {
        one: mutations.conflict(found[one], kind, differing(found[one]))
        for one, version in zip(ids, versions, strict=True)
        if one in found and found[one].version != version
    }


def in_order(found: Mapping[str, Row], ids: Sequence[str]) -> Differing:
    """That `ids` differ when what they name is in another order by now."""
    return lambda _: (
        [] if sorted(ids, key=lambda one: found[one].position or 0) == list(ids) else ["ids"]
    )


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
