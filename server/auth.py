"""Who asks: the viewer that a bearer token names, and tokens for development."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
import orjson

from server.config import Config
from server.errors import Refused
from server.keys import ASYMMETRIC, Keys

LEEWAY_SECONDS = 10

_LONGEST_TOKEN = 8_192
_ROLE = "authenticated"
_REQUIRED = ["exp", "sub", "aud"]


@dataclass(frozen=True)
class Viewer:
    """Somebody who asks, with everything that the token says of them."""

    id: str
    claims: Mapping[str, Any]


_REMEMBERED = 1_000
_REMEMBERED_SECONDS = 60.0
_NOBODY: tuple[None, float] = (None, 0.0)


class Authenticator:
    """Accepts tokens of the issuers that the configuration names."""

    def __init__(self, config: Config) -> None:
        self._audience = config.jwt_audience
        self._issuer = config.jwt_issuer
        self._secret = config.token_secret()
        self._keys = Keys(config.jwks_url) if config.jwks_url else None
        self._known: dict[str, tuple[Viewer | None, float]] = {}

    async def viewer(self, headers: Mapping[str, str]) -> Viewer:
        """The viewer whose token these headers carry; anybody else is refused."""
        token = _token(headers)
        known, until = self._known.get(token, _NOBODY)
        if known is not None and time.time() < until:
            return known
        viewer = self._accepted(await self._claims(token))
        self._remember(token, viewer)
        return viewer

    def _remember(self, token: str, viewer: Viewer) -> None:
        """Signatures are dear: a token that was good stays so for a minute, if it lives as long."""
        now = time.time()
        if "nbf" in viewer.claims and float(viewer.claims["nbf"]) > now:
            return
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        until = min(now + _REMEMBERED_SECONDS, float(viewer.claims["exp"]) + LEEWAY_SECONDS)
        self._known[token] = (viewer, until)

    async def _claims(self, token: str) -> dict[str, Any]:
        try:
            key, algorithm = await self._key(jwt.get_unverified_header(token))
            return jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": _REQUIRED},
            )
        except jwt.PyJWTError as error:
            raise _unauthenticated(_worded(error)) from error
        except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
            raise _unauthenticated("The token cannot be read.") from error

    async def _key(self, header: Mapping[str, Any]) -> tuple[Any, str]:
        """The key is chosen by us, and each key serves one kind of algorithm only."""
        algorithm = header.get("alg")
        if algorithm == "HS256" and self._secret:
            return self._secret, algorithm
        if algorithm in ASYMMETRIC and self._keys:
            return await self._keys.find(header.get("kid"), algorithm), algorithm
        raise jwt.InvalidAlgorithmError

    def _accepted(self, claims: dict[str, Any]) -> Viewer:
        subject = str(claims["sub"])
        if not _is_uuid(subject):
            raise _unauthenticated("The token's `sub` must be a UUID.")
        if not _is_storable(claims):
            raise _unauthenticated("The token holds a value that cannot be stored.")
        if claims.get("role", _ROLE) != _ROLE:
            message = f"Tokens of the role `{_ROLE}` are accepted only."
            raise Refused(403, "FORBIDDEN", message)
        return Viewer(subject.lower(), {**claims, "sub": subject.lower()})


def mint(
    config: Config,
    user_id: str,
    email: str | None = None,
    name: str | None = None,
    expires: timedelta = timedelta(days=30),
) -> str:
    """A token for this user, signed with the gateway's own secret."""
    secret = config.token_secret()
    if secret is None:
        raise ValueError("Tokens come from DAILIES_JWKS_URL; without its keys none can be made.")
    if not _is_uuid(user_id):
        raise ValueError("The user must be a UUID.")
    now = int(time.time())
    claims: dict[str, Any] = {
        "sub": user_id.lower(),
        "aud": config.jwt_audience,
        "role": _ROLE,
        "iat": now,
        "exp": now + int(expires.total_seconds()),
        "user_metadata": {"name": name} if name else {},
    }
    if email:
        claims["email"] = email
    if config.jwt_issuer:
        claims["iss"] = config.jwt_issuer
    return jwt.encode(claims, secret, algorithm="HS256")


def _token(headers: Mapping[str, str]) -> str:
    scheme, _, token = headers.get("authorization", "").strip().partition(" ")
    if not scheme:
        raise _unauthenticated("A token is needed: `Authorization: Bearer …`.", error=None)
    if scheme.lower() != "bearer" or not token.strip():
        raise _unauthenticated("The Authorization header must be `Bearer` and a token.")
    if len(token) > _LONGEST_TOKEN:
        raise _unauthenticated("The token is too long.")
    return token.strip()


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _is_storable(claims: Mapping[str, Any]) -> bool:
    """PostgreSQL is told the claims, and knows no NUL, no half characters and no endless nests."""
    try:
        return b"\\u0000" not in orjson.dumps(claims)
    except orjson.JSONEncodeError:
        return False


def _worded(error: jwt.PyJWTError) -> str:
    if isinstance(error, jwt.ExpiredSignatureError):
        return "The token has expired."
    if isinstance(error, jwt.ImmatureSignatureError):
        return "The token is not valid yet."
    if isinstance(error, jwt.InvalidAudienceError):
        return "The token is for another audience."
    if isinstance(error, jwt.InvalidIssuerError):
        return "The token is of another issuer."
    if isinstance(error, jwt.MissingRequiredClaimError):
        return f"The token has no `{error.claim}`."
    if isinstance(error, jwt.InvalidAlgorithmError):
        return "The token is signed in a way that is not accepted here."
    if isinstance(error, jwt.InvalidSignatureError | jwt.PyJWKClientError):
        return "The token is signed with a key that is not known here."
    return "The token cannot be read."


def _unauthenticated(message: str, error: str | None = "invalid_token") -> Refused:
    challenge = 'Bearer realm="dailies"' + (f', error="{error}"' if error else "")
    return Refused(401, "UNAUTHENTICATED", message, {"WWW-Authenticate": challenge})
