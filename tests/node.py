"""Node, for those tests that try the gateway with JavaScript; without it they are skipped."""

import fcntl
import shutil
import subprocess
from pathlib import Path

import pytest

CLIENTS = Path(__file__).parent / "clients"
INSTALL = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")


def tools() -> Path:
    """Where the tools are, installed once."""
    if version() < 20:
        pytest.skip("Node 20 is not installed, so no client's tools are tried.")
    lock = CLIENTS / "package-lock.json"
    installed = CLIENTS / "node_modules" / ".installed.json"
    with lock.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not installed.exists() or installed.read_text() != lock.read_text():
            run(*INSTALL, folder=CLIENTS)
            shutil.copy(lock, installed)
    return CLIENTS / "node_modules" / ".bin"


def version() -> int:
    """The number of the Node that is installed, 0 for none."""
    if not (shutil.which("node") and shutil.which("npm")):
        return 0
    return int(run("node", "--version", folder=CLIENTS).lstrip("v").partition(".")[0])


def run(*command: str, folder: Path, given: str | None = None, code: int = 0) -> str:
    """What a command says, which must end with this code."""
    done = subprocess.run(
        command,
        check=False,
        cwd=folder,
        input=given,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout
