"""Who asks: the claims of a bearer token, verified once and remembered until it expires."""

import os
import time
from functools import lru_cache

import jwt
import orjson


def claims(authorization: bytes) -> str:
    """The claims of this Authorization header, as the text that a transaction is told."""
    said, expires = _known(authorization.removeprefix(b"Bearer "))
    if expires < time.time():
        raise jwt.ExpiredSignatureError
    return said


@lru_cache
def _known(token: bytes) -> tuple[str, float]:
    secret = os.environ["PEER_SECRET"]
    said = jwt.decode(token, secret, algorithms=["HS256"], audience="authenticated")
    return orjson.dumps(said).decode(), said["exp"]
