"""The process's environment: every variable that changes how the gateway runs."""

import hashlib
import hmac
from pathlib import Path
from typing import Literal

from pydantic import (
    AliasChoices,
    Field,
    PositiveInt,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from server import secret
from server.limits import Limits
from server.variables import (
    SHORTEST_SECRET,
    LongSecret,
    NatsUrl,
    Origins,
    PostgresUrl,
    TrustedUrl,
)

_THIS_MACHINE = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"
_ANY_HOST = ("0.0.0.0", "::")  # noqa: S104 - it is asked, not used


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

    database_url: PostgresUrl | None = Field(
        default=None,
        validation_alias=AliasChoices("DAILIES_DATABASE_URL", "DATABASE_URL"),
        description="PostgreSQL, as the gateway's unprivileged login; unset, an embedded one.",
    )
    migrate_url: PostgresUrl | None = Field(
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
        min_length=SHORTEST_SECRET,
        description="Signs cursors and media URLs; unset, one is made in the data folder.",
    )
    jwt_secret: LongSecret | None = Field(
        default=None,
        description="The secret that HS256 tokens are signed with, such as Supabase's.",
    )
    jwks_url: TrustedUrl | None = Field(
        default=None,
        description="Where the public keys of RS256, ES256 or EdDSA tokens are published.",
    )
    jwt_audience: str = Field(
        default="authenticated", description="The `aud` that tokens must have."
    )
    jwt_issuer: str | None = Field(
        default=None, description="The `iss` that tokens must have, if any."
    )
    cors_origins: Origins = Field(
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
    upload_limit: int = Field(
        default=1_073_741_824,
        ge=1,
        le=2_147_483_647,
        description="Bytes of a file that is uploaded, at most.",
    )
    s3_endpoint: str | None = Field(
        default=None,
        validation_alias=AliasChoices("DAILIES_S3_ENDPOINT", "GARAGE_ENDPOINT"),
        description="An S3-compatible store for uploads; unset, they are kept in the data folder.",
    )
    s3_bucket: str | None = Field(
        default=None,
        validation_alias=AliasChoices("DAILIES_S3_BUCKET", "GARAGE_BUCKET"),
        description="The bucket of that store.",
    )
    s3_region: str = Field(
        default="us-east-1",
        validation_alias=AliasChoices("DAILIES_S3_REGION", "GARAGE_REGION"),
        description="The region that the store signs for; `garage` is usual for Garage.",
    )
    s3_access_key: str | None = Field(
        default=None,
        validation_alias=AliasChoices(
            "DAILIES_S3_ACCESS_KEY", "GARAGE_ACCESS_KEY", "GARAGE_ACCESS_KEY_ID"
        ),
        description="The id of the key to that store.",
    )
    s3_secret_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices(
            "DAILIES_S3_SECRET_KEY", "GARAGE_SECRET_KEY", "GARAGE_SECRET_ACCESS_KEY"
        ),
        description="The key to that store.",
    )
    unused_hours: float = Field(
        default=24.0, gt=0, description="Hours after which an upload that nothing shows is deleted."
    )
    settings_versions: PositiveInt = Field(
        default=100,
        description="Changes of a tool's settings that are kept in each place, to go back to.",
    )
    pool_size: PositiveInt = Field(default=10, description="Connections to PostgreSQL, at most.")
    engine: bool = Field(
        default=True,
        description="Whether queries and events are executed breadth-first where they can be.",
    )
    feed_hours: float = Field(
        default=24.0,
        gt=0,
        le=24 * 366,
        description="Hours for which changes are kept, for clients that come back.",
    )
    nats_url: NatsUrl | None = Field(
        default=None,
        description="NATS, to tell other gateways of changes; unset, PostgreSQL's NOTIFY does.",
    )
    metrics: bool = Field(
        default=False,
        description="Whether `/metrics` is served to Prometheus; in development it always is.",
    )
    statement_timeout: float = Field(
        default=10.0, gt=0, le=3600, description="Seconds after which a statement is cancelled."
    )

    @model_validator(mode="after")
    def _knows_the_store(self) -> "Config":
        needed = (self.s3_endpoint, self.s3_bucket, self.s3_access_key, self.s3_secret_key)
        if any(needed) and not all(needed):
            raise ValueError("needs an endpoint, a bucket, an access key and a secret key")
        if self.s3_endpoint and not self.s3_endpoint.startswith(("http://", "https://")):
            raise ValueError("the endpoint must begin with https:// or http://")
        return self

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
        return secret.kept(self.data_folder / "secret")


def load() -> Config:
    """The configuration that the environment describes."""
    try:
        return Config()
    except ValidationError as error:
        problems = [_worded(problem) for problem in error.errors(include_input=False)]
        raise BadConfig("\n".join(problems)) from None


def _worded(problem: ErrorDetails) -> str:
    # What is wrong between several variables is only ever wrong with the store.
    first, *rest = (str(part).upper() for part in problem["loc"] or ("s3",))
    name = "__".join((first.removeprefix("DAILIES_"), *rest))
    return f"DAILIES_{name}: {problem['msg'].removeprefix('Value error, ')}"
