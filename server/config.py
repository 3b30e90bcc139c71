"""The process's environment: every variable that changes how the gateway runs."""

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, PositiveInt, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from server.limits import Limits

_SHORTEST_SECRET = 32
_THIS_MACHINE = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"
_ANY_HOST = ("0.0.0.0", "::")  # noqa: S104 - it is asked, not used
_SCHEME = re.compile(r"^postgres(?:ql)?(?:\+\w+)?://")


class BadConfig(Exception):
    """A variable of the environment has a value that cannot be used."""


class Config(BaseSettings):
    """How this gateway runs; each field is the variable `DAILIES_<NAME>`."""

    model_config = SettingsConfigDict(
        env_prefix="DAILIES_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    database_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("DAILIES_DATABASE_URL", "DATABASE_URL"),
        description="PostgreSQL, as the gateway's unprivileged login; unset, an embedded one.",
    )
    migrate_url: SecretStr | None = Field(
        default=None,
        description="The same database, as the owner of its tables; used by `migrate` only.",
    )
    data_folder: Path = Field(
        default=Path(".dailies"),
        description="Where the embedded database, media and the secret are kept.",
    )
    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: int = Field(
        default=8000, ge=0, le=65535, description="The port to listen on; 0 takes any."
    )
    environment: Literal["development", "production"] = Field(
        default="development",
        description="`production` turns off introspection, GraphiQL and suggestions.",
    )
    secret: SecretStr | None = Field(
        default=None,
        min_length=_SHORTEST_SECRET,
        description="Signs cursors and media URLs; unset, one is made in the data folder.",
    )
    jwt_secret: SecretStr | None = Field(
        default=None,
        description="The secret that HS256 tokens are signed with, such as Supabase's.",
    )
    jwks_url: str | None = Field(
        default=None,
        description="Where the public keys of RS256, ES256 or EdDSA tokens are published.",
    )
    jwt_audience: str = Field(
        default="authenticated", description="The `aud` that tokens must have."
    )
    jwt_issuer: str | None = Field(
        default=None, description="The `iss` that tokens must have, if any."
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Origins whose pages may call the gateway, with commas between them.",
    )
    limits: Limits = Field(
        default_factory=Limits,
        description="The largest request, e.g. `DAILIES_LIMITS__DEPTH=20`.",
    )
    public_url: str | None = Field(
        default=None,
        description="Where browsers reach the gateway; unset, at its host and port.",
    )
    media_window: PositiveInt = Field(
        default=3600, description="Seconds for which the URL of a file stays the same."
    )
    pool_size: PositiveInt = Field(default=10, description="Connections to PostgreSQL, at most.")
    engine: bool = Field(
        default=True, description="Whether queries are executed breadth-first where they can be."
    )
    feed_hours: float = Field(
        default=24.0,
        gt=0,
        le=24 * 366,
        description="Hours for which changes are kept, for clients that come back.",
    )
    nats_url: SecretStr | None = Field(
        default=None,
        description="NATS, to wake other gateways by; unset, PostgreSQL's NOTIFY does.",
    )
    metrics: bool = Field(
        default=False,
        description="Whether `/metrics` is served to Prometheus; in development it always is.",
    )
    statement_timeout: float = Field(
        default=10.0, gt=0, le=3600, description="Seconds after which a statement is cancelled."
    )

    @field_validator("database_url", "migrate_url")
    @classmethod
    def _is_postgresql(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None:
            return None
        if not _SCHEME.match(url.get_secret_value()):
            raise ValueError("must begin with postgresql://")
        return SecretStr(_SCHEME.sub("postgresql://", url.get_secret_value()))

    @field_validator("jwks_url")
    @classmethod
    def _is_trusted(cls, url: str | None) -> str | None:
        parts = urlsplit(url or "")
        here = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if url and not (parts.hostname and (parts.scheme == "https" or here)):
            raise ValueError("must begin with https:// (http:// is for localhost only)")
        return url

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _are_origins(cls, given: object) -> object:
        origins = given.split(",") if isinstance(given, str) else given
        if not isinstance(origins, list | tuple):
            return origins
        found = tuple(str(origin).strip() for origin in origins if str(origin).strip())
        for origin in found:
            parts = urlsplit(origin)
            if origin != "*" and f"{parts.scheme}://{parts.netloc}" != origin:
                raise ValueError("must be origins such as https://studio.example, without a path")
        return found

    @field_validator("jwt_secret")
    @classmethod
    def _is_long(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value().encode()) < _SHORTEST_SECRET:
            raise ValueError(f"must have at least {_SHORTEST_SECRET} bytes")
        return secret

    @property
    def address(self) -> str:
        """Where browsers load media from; empty where only they know how they reach us."""
        if self.public_url is not None:
            return self.public_url.rstrip("/")
        known = self.port and self.host not in _ANY_HOST
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}" if known else ""

    @property
    def is_production(self) -> bool:
        """Whether strangers may reach this gateway."""
        return self.environment == "production"

    @property
    def has_metrics(self) -> bool:
        """Whether anybody who reaches this gateway may read how it does."""
        return self.metrics or not self.is_production

    @property
    def cors_origin_pattern(self) -> str | None:
        """While developing, pages of this machine may call, whatever their port."""
        return None if self.is_production else _THIS_MACHINE

    def key(self, purpose: str) -> bytes:
        """The key that signs things of one purpose; keys of different purposes are unrelated."""
        return hmac.digest(self._root().encode(), purpose.encode(), hashlib.sha256)

    def token_secret(self) -> bytes | None:
        """What HS256 tokens are signed with; without any issuer, only our own tokens are valid."""
        if self.jwt_secret is not None:
            return self.jwt_secret.get_secret_value().encode()
        return self.key("tokens") if self.jwks_url is None else None

    def _root(self) -> str:
        if self.secret is not None:
            return self.secret.get_secret_value()
        return _kept(self.data_folder / "secret")


def load() -> Config:
    """The configuration that the environment describes."""
    try:
        return Config()
    except ValidationError as error:
        problems = [_worded(problem) for problem in error.errors(include_input=False)]
        raise BadConfig("\n".join(problems)) from None


def _worded(problem: ErrorDetails) -> str:
    first, *rest = (str(part).upper() for part in problem["loc"])
    name = "__".join((first.removeprefix("DAILIES_"), *rest))
    return f"DAILIES_{name}: {problem['msg'].removeprefix('Value error, ')}"


def _kept(file: Path) -> str:
    """The secret in this file, made when it is missing; two who make it at once keep one."""
    if not file.exists():
        _make(file)
    return file.read_text().strip()


def _make(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(secrets.token_urlsafe(48))
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
