"""Gateways as processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
COMMAND = (sys.executable, "-c", "from server.cli import app; app()")
SECRET = "a secret that is only used in tests"


def started(url: str, folder: Path, **more: str) -> tuple[subprocess.Popen[str], str]:
    """A gateway on some free port, once it answers, and its address."""
    environment = os.environ | {
        "DAILIES_DATABASE_URL": url,
        "DAILIES_DATA_FOLDER": str(folder),
        "DAILIES_SECRET": SECRET,
        "DAILIES_PORT": "0",
        **more,
    }
    environment.pop("DAILIES_MIGRATE_URL", None)
    process = subprocess.Popen(
        (*COMMAND, "serve"), cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    told = process.stdout.readline()
    return process, told.split()[-1].removesuffix("/graphql")
