"""What the demo says when it is ready."""

from server import auth, local
from server.config import Config
from server.serving import Greet


def greeting(config: Config) -> Greet:
    return lambda address: print(address)
