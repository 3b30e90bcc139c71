"""Authentication: which tokens name a viewer, and how the others are refused."""

import asyncio
import hmac
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from httpx import Response

from server import auth
from server.config import Config
from server.errors import Refused
from tests.edge import client, codes, config

SECRET = "the-secret-of-the-token-issuer-which-is-long-enough"
USER = str(uuid4())
KEYS = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("old", "new", "stranger")}
RSA = rsa.generate_private_key(65537, 2048)


def claims(**changed: Any) -> dict[str, Any]:
    """What Supabase puts into a token."""
    now = int(time.time())
    given = {
        "aud": "authenticated",
        "exp": now + 3600,
        "iat": now,
        "iss": "https://example.supabase.co/auth/v1",
        "sub": USER,
        "email": "ada@example.com",
        "role": "authenticated",
        "aal": "aal1",
        "session_id": str(uuid4()),
        "app_metadata": {"provider": "email", "providers": ["email"]},
        "user_metadata": {"full_name": "Ada"},
        "is_anonymous": False,
    } | changed
    return {name: value for name, value in given.items() if value is not None}


def signed(key: Any = SECRET, algorithm: str = "HS256", kid: Any = None, **changed: Any) -> str:
    headers = {"kid": kid} if kid else None
    return jwt.encode(claims(**changed), key, algorithm=algorithm, headers=headers)


async def enter(token: str, current: Config | None = None) -> Response:
    async with client(current or config(jwt_secret=SECRET), token) as edge:
        return await edge.post("/graphql", json={"query": "{ thing { id } }"})


async def test_a_token_of_supabase_works_as_it_is() -> None:
    assert (await enter(signed())).json() == {"data": {"thing": {"id": USER}}}


async def test_nobody_is_let_in_without_a_token() -> None:
    response = await enter("")
    assert response.status_code == 401
    assert codes(response) == ["UNAUTHENTICATED"]
    assert response.headers["www-authenticate"] == 'Bearer realm="dailies"'


@pytest.mark.parametrize(
    ("token", "words"),
    [
        (signed(exp=int(time.time()) - 60), "expired"),
        (signed(nbf=int(time.time()) + 86_400), "not valid yet"),
        (signed(aud="somebody"), "another audience"),
        (signed(aud=None), "no `aud`"),
        (signed(exp=None), "no `exp`"),
        (signed(sub=None), "no `sub`"),
        (signed(sub="ada"), "UUID"),
        (signed(sub=f"urn:uuid:{USER}"), "UUID"),
        (signed(exp=float("inf")), "cannot be read"),
        (signed("another-secret-which-is-just-as-long-as-it"), "not known"),
        (signed(algorithm="HS384"), "not accepted"),
        (signed("", "none"), "not accepted"),
        (signed(RSA, "RS256"), "not accepted"),
        ("x", "cannot be read"),
        ("x.y.z", "cannot be read"),
        ("x" * 9000, "too long"),
    ],
)
async def test_a_token_that_is_not_valid_is_refused_in_words(token: str, words: str) -> None:
    response = await enter(token)
    assert response.status_code == 401
    assert codes(response) == ["UNAUTHENTICATED"]
    assert words in response.json()["errors"][0]["message"]
    assert "invalid_token" in response.headers["www-authenticate"]


@pytest.mark.parametrize("role", ["service_role", "anon", "postgres", ["authenticated"]])
async def test_other_roles_are_refused(role: Any) -> None:
    response = await enter(signed(role=role))
    assert response.status_code == 403
    assert codes(response) == ["FORBIDDEN"]


async def test_another_scheme_is_refused() -> None:
    async with client(config(), token="") as edge:
        response = await edge.post("/graphql", headers={"Authorization": "Basic YTpi"})
    assert response.status_code == 401


async def test_another_issuer_is_refused_when_one_is_configured() -> None:
    current = config(jwt_secret=SECRET, jwt_issuer="https://issuer.example")
    assert (await enter(signed(), current)).status_code == 401
    assert (await enter(signed(iss="https://issuer.example"), current)).status_code == 200


async def test_a_minted_token_is_accepted() -> None:
    current = config()
    token = auth.mint(current, USER, "ada@example.com", "Ada", timedelta(hours=1))
    assert (await enter(token, current)).json() == {"data": {"thing": {"id": USER}}}


async def test_a_token_that_was_good_is_refused_once_it_has_expired() -> None:
    current = auth.Authenticator(config(jwt_secret=SECRET))
    expires = int(time.time()) - auth.LEEWAY_SECONDS + 2
    token = signed(exp=expires)
    assert (await current.viewer(bearer(token))).id

    await asyncio.sleep(expires + auth.LEEWAY_SECONDS + 0.1 - time.time())

    with pytest.raises(Refused, match="expired"):
        await current.viewer(bearer(token))


async def test_keys_that_an_issuer_publishes_are_accepted() -> None:
    with issuer("old") as (url, _):
        response = await enter(signed(KEYS["old"], "ES256", "old"), config(jwks_url=url))
    assert response.status_code == 200


async def test_a_new_key_is_fetched_and_strangers_cause_no_more_fetching() -> None:
    with issuer("old") as (url, published):
        current = auth.Authenticator(config(jwks_url=url))
        await current.viewer(bearer(signed(KEYS["old"], "ES256", "old")))
        published.names.append("new")
        await later(current)
        await current.viewer(bearer(signed(KEYS["new"], "ES256", "new")))
        for _ in range(5):
            with pytest.raises(Exception, match="not known"):
                await current.viewer(bearer(signed(KEYS["stranger"], "ES256", "stranger")))
        assert published.requests == 2


async def test_a_public_key_is_never_taken_for_a_secret() -> None:
    public = KEYS["old"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    body = signed(KEYS["old"], "ES256").split(".")[1]
    header = urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT","kid":"old"}').rstrip(b"=").decode()
    mark = hmac.digest(public, f"{header}.{body}".encode(), "sha256")
    forged = f"{header}.{body}.{urlsafe_b64encode(mark).rstrip(b'=').decode()}"
    with issuer("old") as (url, _):
        response = await enter(forged, config(jwks_url=url))
    assert response.status_code == 401


async def test_an_issuer_that_is_away_is_told() -> None:
    away = config(jwks_url="http://127.0.0.1:9/keys")
    response = await enter(signed(KEYS["old"], "ES256", "old"), away)
    assert response.status_code == 503


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def later(current: auth.Authenticator) -> None:
    """As if the last fetch were a minute ago."""
    assert current._keys is not None
    current._keys._tried -= 60


class Published:
    """The keys that an issuer shows, and how often it was asked for them."""

    def __init__(self, *names: str) -> None:
        self.names = list(names)
        self.requests = 0

    def text(self) -> bytes:
        keys = (
            f'{{"kid": "{name}", {jwt.algorithms.ECAlgorithm.to_jwk(KEYS[name].public_key())[1:]}'
            for name in self.names
        )
        return f'{{"keys": [{{"kty": "none"}}, {", ".join(keys)}]}}'.encode()


@contextmanager
def issuer(*names: str) -> Iterator[tuple[str, Published]]:
    """A server that publishes keys, as identity providers do."""
    published = Published(*names)

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            published.requests += 1
            self.send_response(200)
            self.end_headers()
            self.wfile.write(published.text())

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/keys", published
    finally:
        server.shutdown()
        server.server_close()
