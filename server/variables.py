"""Values of the environment's variables that must be more than text, and why others are refused."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

SHORTEST_SECRET = 32

_SCHEME = re.compile(r"^postgres(?:ql)?(?:\+\w+)?://")


def _postgresql(url: SecretStr) -> SecretStr:
    if not _SCHEME.match(url.get_secret_value()):
        raise ValueError("must begin with postgresql://")
    return SecretStr(_SCHEME.sub("postgresql://", url.get_secret_value()))


def _nats(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(("nats://", "tls://")):
        raise ValueError("must begin with nats:// or tls://")
    return url


def _trusted(url: str) -> str:
    parts = urlsplit(url)
    here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if url and not (parts.hostname and (parts.scheme == "https" or here)):
        raise ValueError("must begin with https:// (http:// is for localhost only)")
    return url


def _origins(given: object) -> object:
    origins = given.split(",") if isinstance(given, str) else given
    if not isinstance(origins, list | tuple):
        return origins
    found = tuple(str(origin).strip() for origin in origins if str(origin).strip())
    for origin in found:
        parts = urlsplit(origin)
        if origin != "*" and f"{parts.scheme}://{parts.netloc}" != origin:
            raise ValueError("must be origins such as https://studio.example, without a path")
    return found


def _long(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value().encode()) < SHORTEST_SECRET:
        raise ValueError(f"must have at least {SHORTEST_SECRET} bytes")
    return secret


PostgresUrl = Annotated[SecretStr, AfterValidator(_postgresql)]
NatsUrl = Annotated[SecretStr, AfterValidator(_nats)]
TrustedUrl = Annotated[str, AfterValidator(_trusted)]
Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_origins)]
LongSecret = Annotated[SecretStr, AfterValidator(_long)]
