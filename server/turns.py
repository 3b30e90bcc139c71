"""Turns: in which order a group is told, so that what many are told is executed once for them."""

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from db.events import Event, Kind, Place


class Listening(Protocol):
    """Somebody who is told of events, the last of them in this turn."""

    turn: int


T = TypeVar("T", bound=Listening)


@dataclass(eq=False)
class Turn(Generic[T]):
    """An event that is yet to be told, or the end, and to whom."""

    number: int
    event: Event | None
    listeners: list[T] = field(default_factory=list)


class Turns(Generic[T]):
    """What is yet to be told to a group, in order."""

    def __init__(self) -> None:
        self._number = 0
        self._waiting: deque[Turn[T]] = deque()
        self._open: dict[tuple[Place, Kind], Turn[T]] = {}

    def add(self, listener: T, event: Event | None) -> None:
        """Tell somebody of an event, or the end, after all that they were to be told before.

        Others may be told of it in an earlier turn, if they are further.
        """
        turn = self._open.get((event.place, event.kind)) if event else None
        if turn is None or turn.number <= listener.turn:
            turn = self._begun(event)
        turn.listeners.append(listener)
        listener.turn = turn.number

    def take(self) -> Turn[T] | None:
        """What is told next; nobody joins it any more."""
        if not self._waiting:
            return None
        turn = self._waiting.popleft()
        event = turn.event
        if event and self._open.get((event.place, event.kind)) is turn:
            del self._open[event.place, event.kind]
        return turn

    def _begun(self, event: Event | None) -> Turn[T]:
        self._number += 1
        turn = Turn[T](self._number, event)
        self._waiting.append(turn)
        if event:
            self._open[event.place, event.kind] = turn
        return turn
