"""Presigned addresses of an S3-compatible store, as AWS's Signature Version 4 has them.

The store's own library signs neither headers nor for a given moment: here what is sent is bound to
its size and kind, and whoever loads gets the same address for a while.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

_ALGORITHM = "AWS4-HMAC-SHA256"
_UNSIGNED = "UNSIGNED-PAYLOAD"


@dataclass(frozen=True)
class Presigner:
    """Signs for one bucket, whose name is part of the path."""

    endpoint: str
    region: str
    bucket: str
    access_key: str
    secret_key: str

    def sign(
        self,
        method: str,
        key: str,
        moment: float,
        seconds: int,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """An address that is good for so long from a moment, for requests with these headers."""
        place = urlsplit(self.endpoint)
        at = datetime.fromtimestamp(int(moment), UTC).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{at[:8]}/{self.region}/s3/aws4_request"
        bound = {name.lower(): value for name, value in (headers or {}).items()}
        bound["host"] = place.netloc
        names = ";".join(sorted(bound))
        path = f"{quote(place.path.rstrip('/'))}/{self.bucket}/{quote(key)}"
        query = _query(
            {
                "X-Amz-Algorithm": _ALGORITHM,
                "X-Amz-Credential": f"{self.access_key}/{scope}",
                "X-Amz-Date": at,
                "X-Amz-Expires": str(seconds),
                "X-Amz-SignedHeaders": names,
            }
        )
        lines = "".join(f"{name}:{bound[name]}\n" for name in sorted(bound))
        request = "\n".join((method, path, query, lines, names, _UNSIGNED))
        digest = hashlib.sha256(request.encode()).hexdigest()
        signature = self._signature(scope, "\n".join((_ALGORITHM, at, scope, digest)))
        return f"{place.scheme}://{place.netloc}{path}?{query}&X-Amz-Signature={signature}"

    def _signature(self, scope: str, message: str) -> str:
        key = f"AWS4{self.secret_key}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.new(key, message.encode(), hashlib.sha256).hexdigest()


def _query(values: Mapping[str, str]) -> str:
    return "&".join(f"{name}={quote(values[name], safe='')}" for name in sorted(values))
