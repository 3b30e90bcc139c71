"""The public keys of a token issuer, fetched from where it publishes them."""

import asyncio
import logging
import time
import urllib.request
from typing import Any

import jwt
import orjson

from server.errors import Refused

logger = logging.getLogger("dailies.keys")

ASYMMETRIC = ("RS256", "ES256", "EdDSA")
FRESH_SECONDS = 600
RETRY_SECONDS = 10

_LONGEST_ANSWER = 1_000_000
_TIMEOUT_SECONDS = 5


class Keys:
    """An issuer's keys, fetched again when they are old or when a token names a new one."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._known: list[jwt.PyJWK] = []
        self._tried = -float("inf")
        self._fetched = -float("inf")
        self._turn = asyncio.Lock()

    async def find(self, name: Any, algorithm: str) -> jwt.PyJWK:
        """The key of this name; without a name, the only one for the algorithm."""
        found = self._match(name, algorithm)
        if found is None or self._age() > FRESH_SECONDS:
            await self._refresh()
            found = self._match(name, algorithm)
        if found is None:
            raise jwt.PyJWKClientError("no such key")
        return found

    def _match(self, name: Any, algorithm: str) -> jwt.PyJWK | None:
        fitting = [key for key in self._known if key.algorithm_name == algorithm]
        if name is None:
            return fitting[0] if len(fitting) == 1 else None
        return next((key for key in fitting if key.key_id == name), None)

    def _age(self) -> float:
        return time.monotonic() - self._fetched

    async def _refresh(self) -> None:
        """Strangers can name any key: fetching is never more often than every few seconds."""
        async with self._turn:
            if time.monotonic() - self._tried < RETRY_SECONDS:
                return
            self._tried = time.monotonic()
            try:
                self._known = await asyncio.to_thread(_fetched, self._url)
                self._fetched = time.monotonic()
            except (OSError, ValueError, TypeError) as error:
                logger.warning("The keys at %s cannot be fetched: %s", self._url, error)
            if not self._known:
                raise Refused(503, "INTERNAL", "The token's issuer cannot be reached.")


def _fetched(url: str) -> list[jwt.PyJWK]:
    # The scheme was checked where the configuration is read.
    with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310
        published = orjson.loads(answer.read(_LONGEST_ANSWER))["keys"]
    return [key for key in map(_key, published) if key is not None]


def _key(published: Any) -> jwt.PyJWK | None:
    """Keys of kinds that we do not know, and secret ones, are left out."""
    try:
        key = jwt.PyJWK(published)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return key if key.algorithm_name in ASYMMETRIC else None
