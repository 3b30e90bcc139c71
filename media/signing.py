"""URLs for stored locations: signed, valid for a while, and the same inside a time window."""

import hashlib
import hmac
import re
import time
from base64 import urlsafe_b64encode
from urllib.parse import quote

_EXTERNAL = ("http://", "https://", "data:")
_QUERY = re.compile(r"expires=([1-9][0-9]{0,11})&signature=([\w-]{43})", re.ASCII)
_PURPOSE = b"media url"


class Signer:
    """Signs what its caller was allowed to see; whoever holds the URL may load that one file.

    A URL lives for one window after the one it was signed in.
    """

    def __init__(self, secret: bytes, window_seconds: int = 3600) -> None:
        if not secret:
            raise ValueError("A secret is needed to sign media URLs.")
        self._key = hmac.digest(secret, _PURPOSE, "sha256")
        self._window = window_seconds

    def sign(self, location: str, now: float | None = None) -> str:
        """The URL path of a location; what lies elsewhere on the web stays as it is."""
        if location.startswith(_EXTERNAL):
            return location
        seconds = int(time.time() if now is None else now)
        expires = str((seconds // self._window + 2) * self._window)
        path = _path(location)
        return f"{quote(path)}?expires={expires}&signature={self._signature(path, expires)}"

    def verify(self, path: str, query: str, now: float | None = None) -> bool:
        """Whether a path, unquoted, was signed with exactly this query and is still valid."""
        found = _QUERY.fullmatch(query)
        if found is None:
            return False
        expires, signature = found.groups()
        genuine = hmac.compare_digest(signature, self._signature(path, expires))
        return genuine and (time.time() if now is None else now) < int(expires)

    def identity(self, location: str) -> str:
        """What stays of a location's URL, or of a URL, when signatures change: no query."""
        if location.startswith("data:"):
            return location
        if location.startswith((*_EXTERNAL, "/")):
            bare = re.split(r"[?#]", location, maxsplit=1)[0]
            return _path(bare) if bare.startswith("/") else bare
        return quote(_path(location))

    def _signature(self, path: str, expires: str) -> str:
        message = f"{expires}\n{path}".encode(errors="surrogatepass")
        digest = hmac.new(self._key, message, hashlib.sha256).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _path(location: str) -> str:
    return "/" + location.lstrip("/")
