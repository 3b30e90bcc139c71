"""Requests that take the lane are answered as all others are: status, headers, body and log."""

import gzip
import json
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from server import app, auth
from server.app import Gateway
from server.config import Config
from server.database import Urls

PLAIN = {"Content-Type": "application/json"}
VIEWER = "{ viewer { id projects { nodes { id } } } }"
STRICT = "application/graphql-response+json"
PAGE = "https://studio.example"


def asked(query: str, **more: Any) -> bytes:
    """A body that asks for something."""
    return json.dumps({"query": query, **more}).encode()


@dataclass(frozen=True)
class Sent:
    """One request."""

    body: bytes | None
    headers: dict[str, str] = field(default_factory=dict)
    parts: int = 1

    @property
    def content(self) -> Any:
        """The body whole, or in parts that do not say how long it is."""
        return self.body if self.parts == 1 else self._trickle()

    async def _trickle(self) -> AsyncIterator[bytes]:
        for index in range(self.parts):
            yield (self.body or b"")[index :: self.parts] if index else b""
        yield self.body or b""


REQUESTS = {
    "a query": Sent(asked(VIEWER)),
    "a strict client": Sent(asked(VIEWER), {"Accept": STRICT}),
    "a client that takes anything": Sent(asked(VIEWER), {"Accept": "text/html, */*;q=0.1"}),
    "introspection": Sent(asked("{ __schema { queryType { name } } }")),
    "an unknown field": Sent(asked("{ nothing }")),
    "an unknown field, strictly": Sent(asked("{ nothing }"), {"Accept": STRICT}),
    "no document": Sent(asked("{")),
    "an id that is none": Sent(asked('{ project(id: "x") { id } }')),
    "a variable that is missing": Sent(asked("query ($id: ID!) { project(id: $id) { id } }")),
    "two operations": Sent(asked("query A { __typename } query B { __typename }")),
    "one of two": Sent(asked("query A { __typename } query B { __typename }", operationName="B")),
    "a subscription": Sent(asked("subscription { viewer }")),
    "too deep": Sent(asked("{ a " * 20 + "}" * 20)),
    "too many values": Sent(asked(VIEWER, variables={"x": [0] * 20_000})),
    "a NUL": Sent(asked(VIEWER, variables={"x": "\0"})),
    "half a character": Sent(b'{"query": "{ viewer { id } }", "variables": {"x": "\\ud800"}}'),
    "no JSON": Sent(b"query"),
    "a list": Sent(b"[]"),
    "nothing": Sent(b""),
    "in parts": Sent(asked(VIEWER), parts=3),
    "too long": Sent(asked(VIEWER + " " * 200_000)),
    "too long without saying so": Sent(asked(VIEWER + " " * 200_000), parts=2),
    "a length that is none": Sent(asked(VIEWER), {"Content-Length": "many"}),
    "another type": Sent(asked(VIEWER), {"Content-Type": "text/plain"}),
    "a type with a charset": Sent(asked(VIEWER), {"Content-Type": "application/json;charset=utf8"}),
    "a foreign charset": Sent(asked(VIEWER), {"Content-Type": "application/json; charset=latin1"}),
    "compressed": Sent(gzip.compress(asked(VIEWER)), {"Content-Encoding": "gzip"}),
    "no token": Sent(asked(VIEWER), {"Authorization": ""}),
    "a bad token": Sent(asked(VIEWER), {"Authorization": "Bearer nonsense"}),
    "another scheme": Sent(asked(VIEWER), {"Authorization": "Basic eDp5"}),
    "a page that may": Sent(asked(VIEWER), {"Origin": PAGE}),
    "a page that may not": Sent(asked(VIEWER), {"Origin": "https://elsewhere.example"}),
    "a page with a bad token": Sent(asked(VIEWER), {"Origin": PAGE, "Authorization": "Bearer x"}),
    "a page, too long": Sent(asked(VIEWER + " " * 200_000), {"Origin": PAGE}),
}


@dataclass
class Lanes:
    """The same gateway, reached by its lane and past it."""

    fast: AsyncClient
    ordinary: AsyncClient
    gateway: Gateway


@pytest_asyncio.fixture(scope="module", params=[True, False], ids=["engine", "graphql-core"])
async def lanes(
    request: pytest.FixtureRequest, gateway_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Lanes]:
    config = Config.model_validate(
        {
            "secret": "s" * 40,
            "data_folder": tmp_path_factory.mktemp("data"),
            "engine": request.param,
            "cors_origins": PAGE,
            "limits": {"body": 100_000},
        }
    )
    gateway = app.create(config, Urls(gateway_url, None))
    headers = {"Authorization": f"Bearer {auth.mint(config, str(uuid4()))}"}

    async def past(scope: Any, receive: Any, send: Any) -> None:
        await FastAPI.__call__(gateway, scope, receive, send)

    fast, ordinary = (
        AsyncClient(
            transport=ASGITransport(one, raise_app_exceptions=False),
            base_url="http://edge",
            headers=headers,
        )
        for one in (gateway, past)
    )
    async with gateway.router.lifespan_context(gateway), fast, ordinary:
        yield Lanes(fast, ordinary, gateway)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG, logger="engine"), caplog.at_level(0, logger="dailies"):
        yield caplog


@pytest.mark.parametrize("sent", REQUESTS.values(), ids=REQUESTS)
async def test_a_request_is_answered_alike_by_both_lanes(
    lanes: Lanes, sent: Sent, logged: pytest.LogCaptureFixture
) -> None:
    await posted(lanes.fast, sent)
    logged.clear()
    fast = await posted(lanes.fast, sent)
    told = [(r.name, r.levelname, r.getMessage()) for r in own(logged)]
    logged.clear()
    ordinary = await posted(lanes.ordinary, sent)

    assert (fast.status_code, fast.content) == (ordinary.status_code, ordinary.content)
    assert shown(fast) == shown(ordinary)
    assert told == [(r.name, r.levelname, r.getMessage()) for r in own(logged)]


async def test_an_expired_token_is_refused_by_both_lanes(lanes: Lanes, tmp_path: Any) -> None:
    config = Config.model_validate({"secret": "s" * 40, "data_folder": tmp_path})
    token = auth.mint(config, str(uuid4()), expires=timedelta(seconds=-60))
    sent = Sent(asked(VIEWER), {"Authorization": f"Bearer {token}"})
    answers = [await posted(client, sent) for client in (lanes.fast, lanes.ordinary)]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].content == answers[1].content


async def test_a_fault_is_masked_and_logged_by_both_lanes(
    lanes: Lanes, logged: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: str) -> None:
        raise ZeroDivisionError("a secret of the house")

    monkeypatch.setattr(lanes.gateway.answers._documents, "read", broken)
    for client in (lanes.fast, lanes.ordinary):
        logged.clear()
        answer = await posted(client, REQUESTS["a query"])
        assert answer.status_code == 500
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "INTERNAL"
        assert "secret" not in answer.text
        (record,) = own(logged)
        assert error["extensions"]["reference"] in record.getMessage()


async def posted(client: AsyncClient, sent: Sent) -> Response:
    """The answer to a request."""
    return await client.post("/graphql", content=sent.content, headers=PLAIN | sent.headers)


def own(logged: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What the product itself says."""
    return [r for r in logged.records if r.name.startswith(("dailies", "engine"))]


def shown(response: Response) -> dict[str, str]:
    """All headers of an answer."""
    return dict(sorted(response.headers.items()))
