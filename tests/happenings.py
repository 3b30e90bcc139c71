"""Random events as a feed might tell them, the same ones for the same seed."""

from random import Random
from uuid import UUID

from db.events import Change, ChangeScope, Event, Kind, Op, Place
from tests.operation_values import MOMENTS, WORDS, Known, Pools

TABLES = {
    "generations": "Generation",
    "generation_variants": "Variant",
    "shots": "Shot",
    "shot_generations": "ShotEntry",
    "projects": "Project",
    "runs": "Run",
    "tasks": "Task",
    "users": "User",
    "assets": "Asset",
    "project_members": "User",
}
COLUMNS = ("starred", "version", "name", "params")
SCOPES = [scope.value for scope in ChangeScope]


def event(known: Known, viewer: str, seed: int) -> Event:
    """The event of a seed: of a scope of the viewer's, now and then of somebody else's."""
    return _Maker(known, viewer, seed).event()


class _Maker:
    def __init__(self, known: Known, viewer: str, seed: int) -> None:
        self._random = Random(seed)
        self._known = known
        self._viewer = viewer

    def event(self) -> Event:
        kind = self._random.choices([*Kind], (1, 8, 1, 1, 1))[0]
        place = Place(self._any(), self._scope(), self._random.randrange(2**40))
        if kind in (Kind.READY, Kind.RESYNC, Kind.HEARTBEAT):
            return Event(place, kind)
        number = self._random.choice((1, 1, 1, 2, 3, 8)) if kind is Kind.CHANGE else 0
        changes = tuple(self._change() for _ in range(number))
        return Event(
            place,
            kind,
            self._random.choice((*MOMENTS, None)),
            self._random.choice((*WORDS, None)),
            tuple(self._random.sample(SCOPES, 2)),
            self._random.choice((*WORDS, None)),
            tuple(self._one("Shot") for _ in range(self._random.randrange(3))),
            tuple(dict.fromkeys(one.table for one in changes)),
            changes,
        )

    def _change(self) -> Change:
        table = self._random.choice([*TABLES])
        columns = tuple(self._random.sample(COLUMNS, self._random.randrange(3)))
        operation = self._random.choices([*Op], (2, 4, 1))[0]
        parent = self._one("Generation") if self._random.random() < 0.3 else None
        return Change(table, self._one(TABLES[table]), operation, columns, parent)

    def _scope(self) -> str:
        chance = self._random.random()
        if chance < 0.1:
            return self._viewer
        pools = self._known.foreign if chance < 0.2 else self._known.ids
        return self._random.choice(pools["Project"])

    def _one(self, kind: str) -> str:
        """An id of a kind; now and then another's, or one that is gone."""
        chance = self._random.random()
        pools: Pools = self._known.foreign if chance < 0.1 else self._known.ids
        return self._any() if chance > 0.95 or not pools.get(kind) else self._some(pools[kind])

    def _some(self, pool: list[str]) -> str:
        """The first ones more often than the others, so that some come twice."""
        return pool[min(self._random.randrange(len(pool)) for _ in range(2))]

    def _any(self) -> str:
        return str(UUID(int=self._random.getrandbits(128)))
