"""Prepared statements: those that a connection keeps, the ones asked for last."""

from collections.abc import Callable, Iterator
from functools import partial

from psycopg.pq.abc import PGconn

# What is sent, and what is to be done when it fails.
Message = tuple[Callable[[PGconn], object], Callable[[], object]]


class Prepared:
    """The statements that one connection has prepared, and those that it should forget."""

    def __init__(self) -> None:
        self._names: dict[str, bytes] = {}
        self._count = 0
        self._unwanted: list[bytes] = []

    def forget(self) -> None:
        """Prepare all of them anew."""
        self._unwanted += self._names.values()
        self._names.clear()

    def name(self, text: str) -> bytes | None:
        """The name of one that is prepared; it counts as asked for last."""
        name = self._names.pop(text, None)
        if name is not None:
            self._names[text] = name
        return name

    def prepare(self, text: str, most: int) -> Iterator[Message]:
        """What has to be sent so that a statement has a name, and the oldest of too many none."""
        self._count += 1
        name = b"wire_%d" % self._count
        if len(self._names) >= most:
            self._unwanted.append(self._names.pop(next(iter(self._names))))
        while self._unwanted:
            unwanted = self._unwanted.pop()
            close = partial(_close, name=unwanted)
            yield close, partial(self._unwanted.append, unwanted)
        self._names[text] = name
        yield partial(_prepare, name=name, text=text), partial(self._names.pop, text, None)


def _close(connection: PGconn, name: bytes) -> None:
    connection.send_close_prepared(name)


def _prepare(connection: PGconn, name: bytes, text: str) -> None:
    connection.send_prepare(name, text.encode())
