"""How the peers in Python are run: the same loop and the same parser as the gateway's."""

import os
from typing import Any

import uvicorn

DATABASE = os.environ.get("PEER_DATABASE", "")


def serve(app: Any) -> None:
    """Answer until somebody stops it."""
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["PEER_PORT"]),
        loop="uvloop",
        http="httptools",
        log_level="critical",
        access_log=False,
    )
