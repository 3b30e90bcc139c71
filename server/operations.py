"""Operations of one connection, each told for itself: queries, mutations and subscriptions."""

import asyncio
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from graphql import OperationType
from strawberry.types import ExecutionResult

from db.errors import Problem
from db.events import Event, Place
from server import answers, errors, metrics, replies
from server.answers import Answers, Run
from server.auth import Viewer
from server.bodies import Asked
from server.errors import Refused
from server.hub import Hub, Subscriber
from server.limits import Limits
from server.subscriptions import Subscriptions, Wrong

Errors = list[Any]


class Told(Protocol):
    """How a connection tells what becomes of its operations."""

    def next(
        self, id: str, text: str, of: Subscriber | None = None, place: Place | None = None
    ) -> None:
        """An answer; those of subscriptions may be dropped, and have a place to go on from."""

    def error(self, id: str, wrong: Errors) -> None:
        """Why it has ended, or never began."""

    def complete(self, id: str) -> None:
        """That it has come to its end."""


@dataclass(frozen=True)
class Desk:
    """Where operations are taken, whichever connection they come by."""

    answers: Answers
    subscriptions: Subscriptions
    hub: Hub
    limits: Limits


class Operations:
    """What is under way on one connection, by the ids that its client chose."""

    def __init__(self, told: Told, desk: Desk) -> None:
        self.told = told
        self.desk = desk
        self._under_way: dict[str, Operation] = {}

    def __contains__(self, id: str) -> bool:
        return id in self._under_way

    def begin(self, id: str, viewer: Viewer, asked: Asked, after: str | None = None) -> None:
        """Execute or follow; `after` says from where on instead of the argument."""
        most = self.desk.limits.operations
        if len(self._under_way) >= most:
            message = f"At most {most} operations are under way on a connection."
            self.told.error(id, worded(Refused(429, "LIMIT_EXCEEDED", message)))
            return
        self._under_way[id] = Operation(self, id, viewer, asked, after)

    def stop(self, id: str) -> None:
        """Do nothing more for an operation."""
        operation = self._under_way.pop(id, None)
        if operation is not None:
            operation.stop()

    def stop_all(self) -> None:
        """Do nothing more at all."""
        for id in list(self._under_way):
            self.stop(id)

    def end_all(self, reason: Refused) -> None:
        """End everything, and say why."""
        for id in list(self._under_way):
            self.stop(id)
            self.told.error(id, worded(reason))

    def forget(self, id: str) -> None:
        """It has ended by itself."""
        self._under_way.pop(id, None)


class Operation:
    """One operation from its beginning to its end; as a subscription, one that listens."""

    __slots__ = (
        "_desk", "_id", "_is_mutation", "_is_stopped", "_of", "_run", "_task", "subscriber",
    )  # fmt: skip

    def __init__(
        self, of: Operations, id: str, viewer: Viewer, asked: Asked, after: str | None
    ) -> None:
        self.subscriber: Subscriber | None = None
        self._of = of
        self._desk = of.desk
        self._id = id
        self._run: Run | None = None
        self._is_mutation = False
        self._is_stopped = False
        self._task = asyncio.create_task(self._begin(viewer, asked, after))

    def stop(self) -> None:
        """End it without a word; what a mutation has begun it finishes."""
        self._is_stopped = True
        if self.subscriber is not None:
            self.subscriber.leave()
        elif self._is_mutation:
            return
        elif self._run is None or not self._run.stop():
            self._task.cancel()

    def tell(self, text: str, event: Event) -> None:
        """Pass on what a subscription is told."""
        self._of.told.next(self._id, text, self.subscriber, event.place)

    def end(self, problem: Problem) -> None:
        """The subscription is over."""
        self._fail(worded(problem))

    async def _begin(self, viewer: Viewer, asked: Asked, after: str | None) -> None:
        try:
            chosen = self._desk.answers.chosen(asked)
            if isinstance(chosen, ExecutionResult):
                self._finish(chosen)
            elif chosen.kind is OperationType.SUBSCRIPTION:
                found = await self._desk.subscriptions.open(viewer, chosen, asked, after)
                self.subscriber = self._desk.hub.follow(found, self)
                metrics.executed("subscription", "ok").inc()
            else:
                self._is_mutation = chosen.kind is OperationType.MUTATION
                self._run = await self._desk.answers.begun(viewer)
                self._finish(await self._desk.answers.executed(asked, chosen, self._run))
        except Wrong as wrong:
            answer = self._desk.answers.answer(ExecutionResult(None, [*wrong.problems]))
            self._fail(answer["errors"])
        except (Problem, Refused) as problem:
            self._fail(worded(problem))
        except Exception as error:
            self._fail([errors.masked(error)])

    def _finish(self, result: ExecutionResult) -> None:
        answer = self._desk.answers.answer(result)
        if self._is_stopped:
            return
        if answers.is_request_error(result):
            self._fail(answer["errors"])
            return
        self._of.forget(self._id)
        self._of.told.next(self._id, replies.written(answer).decode())
        self._of.told.complete(self._id)

    def _fail(self, wrong: Errors) -> None:
        if self._is_stopped:
            return
        self._of.forget(self._id)
        self._of.told.error(self._id, wrong)


def worded(problem: Problem | Refused) -> Errors:
    """A problem as the errors that a client sees."""
    if isinstance(problem, Problem):
        problem = Refused(400, problem.code, problem.message, argument=problem.argument)
    found: Errors = orjson.loads(problem.body())["errors"]
    return found
