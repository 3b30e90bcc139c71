"""Commands that begin at once: one process imports the product, each command is a fork of it."""

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NoReturn

from server.cli import app

_ROOT = Path(__file__).parent.parent
NURSERY = (sys.executable, "-c", "from tests import nursery; nursery.serve()")
_DESCRIPTORS = 3
_STANDARD_ERROR = 2


class Command:
    """A running `dailies …`, known as if a shell had begun it."""

    def __init__(self, settings: dict[str, str], *words: str, captured: bool = True) -> None:
        """Begin it; what it says of errors is kept, or else said where the tests say theirs."""
        reader, output = os.pipe()
        self.stdout = os.fdopen(reader)
        self.stderr = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self._news, news = socket.socketpair()
        errors = self.stderr.fileno() if captured else _STANDARD_ERROR
        socket.send_fds(_nursery(), [b"!"], [output, errors, news.fileno()])
        os.close(output)
        news.close()
        self._news.sendall(json.dumps([words, os.environ | settings]).encode() + b"\n")
        self.pid = self._number()
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The code with which it has ended, if it has."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """The code with which it ends."""
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("dailies", timeout or 0)
        return code

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What it says until it ends, if that is little, and of errors."""
        self.wait(timeout)
        self.stderr.seek(0)
        with self.stdout, self.stderr:
            return self.stdout.read(), self.stderr.read()

    def send_signal(self, number: int) -> None:
        """Signal it, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.send_signal(signal.SIGKILL)

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            self._news.settimeout(timeout)
            try:
                self.returncode = self._number()
            except (TimeoutError, BlockingIOError):
                return None
            self._news.close()
        return self.returncode

    def _number(self) -> int:
        told = self._news.recv(4)
        assert len(told) == 4, "The nursery has ended."
        return int.from_bytes(told, signed=True)


def run(settings: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    """`dailies …`, once it has ended."""
    command = Command(settings, *words)
    output, errors = command.communicate(60)
    return subprocess.CompletedProcess(words, command.wait(), output, errors)


@cache
def _nursery() -> socket.socket:
    """Where to ask for commands; the nursery ends when nobody can."""
    ours, theirs = socket.socketpair()
    with theirs:
        subprocess.Popen(NURSERY, cwd=_ROOT, stdin=theirs.fileno())
    return ours


def serve() -> None:
    """Fork a command whenever somebody asks, until nobody can."""
    requests = socket.socket(fileno=0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    while True:
        asked, given, _, _ = socket.recv_fds(requests, 1, _DESCRIPTORS)
        if not asked:
            break
        if os.fork() == 0:
            _keep(*given)
        for one in given:
            os.close(one)


def _keep(output: int, errors: int, news: int) -> NoReturn:
    """Fork the command, and tell its number and how it has ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with os.fdopen(news, closefd=False) as told:
        words, environment = json.loads(told.readline())
    number = os.fork()
    if number == 0:
        os.close(news)
        _become(words, environment, output, errors)
    os.close(output)
    os.close(errors)
    os.write(news, _packed(number))
    _, status = os.waitpid(number, 0)
    # Whoever asked may be gone.
    with suppress(BrokenPipeError):
        os.write(news, _packed(os.waitstatus_to_exitcode(status)))
    os._exit(0)


def _become(words: list[str], environment: dict[str, str], output: int, errors: int) -> NoReturn:
    for given, place in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1), (errors, 2)):
        os.dup2(given, place)
        os.close(given)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(environment)
    app(words, prog_name="dailies")
    sys.exit()


def _packed(number: int) -> bytes:
    return number.to_bytes(4, signed=True)
