"""What can go wrong, as one tree; each error has the code a client sees.

Problem
├── BadInput          an argument that cannot be taken as it is
├── NotFound          nothing there, or not for this viewer
├── Unauthenticated   no valid token
└── Unavailable       no connection to the database is free
"""


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


class NotFound(Problem):
    """There is no such thing, or none that this viewer may see."""

    code = "NOT_FOUND"


class Unavailable(Problem):
    """The database is away, or busy with others for longer than one may wait."""

    code = "UNAVAILABLE"


class Unauthenticated(Problem):
    """The request carries no valid token."""

    code = "UNAUTHENTICATED"
