"""What can go wrong, as one tree; each error has the code a client sees.

Problem
├── BadInput          an argument that cannot be taken as it is
│   └── Invalid       several of them
├── NotFound          nothing there, or not for this viewer
├── Conflict          what is there now is not what was expected
├── Refused           understood, but not done
└── Unavailable       the database or the store of files is away, or busy with others
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Problem(Exception):
    """Something a client can understand and act on; its message is safe to show."""

    code = "INTERNAL"

    def __init__(self, message: str, argument: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.argument = argument


class BadInput(Problem):
    """An argument cannot be taken as it is; `argument` names it."""

    code = "BAD_USER_INPUT"


@dataclass(frozen=True)
class Issue:
    """What is wrong with one argument, or with a place in the JSON that it holds."""

    argument: str
    message: str
    pointer: str | None = None


class Invalid(BadInput):
    """Several arguments, or several places in one, cannot be taken as they are."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        super().__init__(issues[0].message, issues[0].argument)
        self.issues = tuple(issues)


class NotFound(Problem):
    """There is no such thing, or none that this viewer may see."""

    code = "NOT_FOUND"


@dataclass(frozen=True)
class Reference:
    """The kind of something and its id."""

    kind: str
    id: str


class Conflict(Problem):
    """What is there now is not what was expected; `changed` names what differs from the input."""

    code = "CONFLICT"

    def __init__(
        self,
        message: str,
        current: Reference | None = None,
        changed: Sequence[str] = (),
        argument: str | None = None,
    ) -> None:
        super().__init__(message, argument)
        self.current = current
        self.changed = tuple(changed)


class Reason(Enum):
    """Why something is not done."""

    READ_ONLY = "read_only"
    HAND_OVER_FIRST = "hand_over_first"
    MUTATION_ID_REUSED = "mutation_id_reused"
    LOCKED = "locked"
    NOT_UPLOADED = "not_uploaded"


class Refused(Problem):
    """It was understood, but is not done; `obstacle` is what stands in the way."""

    code = "REFUSED"

    def __init__(
        self,
        reason: Reason,
        message: str,
        argument: str | None = None,
        obstacle: Reference | None = None,
    ) -> None:
        super().__init__(message, argument)
        self.reason = reason
        self.obstacle = obstacle


class Unavailable(Problem):
    """The database or the store of files is away, or busy for longer than one may wait."""

    code = "UNAVAILABLE"
