"""Remembering: plans by the text of their document, as many as there is room for."""

from collections import OrderedDict
from dataclasses import dataclass, field

from engine.plans import Plan

MOST = 500
MOST_LENGTH = 1_000_000
MOST_FIELDS = 50_000
MOST_PLANS = 16

Place = tuple[str, str | None]
Switches = tuple[bool, ...]


@dataclass(eq=False)
class Known:
    """What is known of one operation: its plans, by the values of its switches."""

    place: Place
    switches: tuple[str, ...] | None = None
    plans: dict[Switches, Plan] = field(default_factory=dict)
    fields: int = 0
    is_read: bool = False
    texts: tuple[str, ...] | None = None
    refused: str | None = None
    given_up: int = 0
    resting: int = 0


class Remembered:
    """The operations asked most recently; bounded by number, by length and by planned fields."""

    def __init__(self) -> None:
        self._known: OrderedDict[Place, Known] = OrderedDict()
        self._length = 0
        self._fields = 0

    def of(self, text: str, name: str | None) -> Known:
        """What is known of an operation; it was asked just now."""
        place = (text, name)
        if place in self._known:
            self._known.move_to_end(place)
            return self._known[place]
        known = self._known[place] = Known(place)
        self._length += len(text)
        self._make_room()
        return known

    def keep(self, known: Known, switches: Switches, plan: Plan, fields: int) -> None:
        """Remember a plan of so many fields, if its operation is still remembered."""
        if self._known.get(known.place) is not known:
            return
        if len(known.plans) >= MOST_PLANS:
            self._fields -= known.fields
            known.plans, known.fields = {}, 0
        known.plans[switches] = plan
        known.fields += fields
        self._fields += fields
        self._make_room()

    def _make_room(self) -> None:
        while self._known and self._is_full():
            (text, _), oldest = self._known.popitem(last=False)
            self._length -= len(text)
            self._fields -= oldest.fields

    def _is_full(self) -> bool:
        return len(self._known) > MOST or self._length > MOST_LENGTH or self._fields > MOST_FIELDS
