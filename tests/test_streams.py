"""Event streams: the same is told to who follows by server-sent events, in both of their modes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.auth import LEEWAY_SECONDS
from tests import gateways
from tests.gateways import Running
from tests.studio import Studio
from tests.talking import PROJECT, VIEWER, following

STREAM = "text/event-stream"
URQL = (
    "application/graphql-response+json, application/graphql+json, application/json,"
    " text/event-stream, multipart/mixed"
)
PATIENCE = 10.0
SHORT = timedelta(seconds=2 - LEEWAY_SECONDS)


class Reader:
    """Reads the events of a stream."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def event(self) -> dict[str, str]:
        """The next event, by the names of its fields; comments are passed over."""
        found: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                if not line and found:
                    return found
                name, _, value = line.partition(":")
                if name:
                    found[name] = value.removeprefix(" ")
        raise EOFError

    async def told(self, kind: str = "CHANGE") -> Any:
        """What a subscription is told next."""
        event = await self.event()
        assert event["event"] == "next"
        (told,) = json.loads(event["data"])["data"].values()
        assert (told["kind"], told["cursor"]) == (kind, event["id"])
        return told


@pytest.fixture
def user(studio: Studio) -> str:
    return studio.user()


@pytest.fixture
def project(studio: Studio, user: str) -> str:
    return studio.project(user)


@asynccontextmanager
async def reading(
    gateway: Running, user: str, method: str = "POST", path: str = "", **request: Any
) -> AsyncIterator[Reader]:
    """A stream of the gateway."""
    given = {"Accept": STREAM, **gateway.headers(user), **request.pop("headers", {})}
    url = f"{gateway.address}/graphql{path}"
    async with (
        httpx.AsyncClient(timeout=PATIENCE) as client,
        client.stream(method, url, headers=given, **request) as answer,
    ):
        assert answer.headers["content-type"] == f"{STREAM}; charset=utf-8"
        yield Reader(answer)


async def test_a_stream_tells_of_changes_and_is_resumed_by_the_last_id(
    gateway: Running, studio: Studio, user: str, project: str
) -> None:
    body = {"query": PROJECT, "variables": {"id": project}}
    async with reading(gateway, user, json=body) as stream:
        await stream.told("READY")
        first = studio.shot(project)
        told = await stream.told()
        assert told["shotIds"] == [first]
    missed = studio.shot(project)
    headers = {"Last-Event-ID": told["cursor"]}
    async with reading(gateway, user, json=body, headers=headers) as stream:
        await stream.told("READY")
        assert (await stream.told())["shotIds"] == [missed]


async def test_a_browser_that_can_only_get_follows_too(
    gateway: Running, studio: Studio, user: str, project: str
) -> None:
    asked = {"query": PROJECT, "variables": json.dumps({"id": project})}
    async with reading(gateway, user, "GET", params=asked) as stream:
        await stream.told("READY")
        studio.shot(project)
        await stream.told()


async def test_queries_are_json_wherever_json_is_taken(gateway: Running, user: str) -> None:
    body = {"query": "{ viewer { id } }"}
    for accept in (URQL, f"{STREAM}, */*", ""):
        answer = await sent(gateway, user, "POST", {"Accept": accept}, path="", json=body)
        assert answer.json() == {"data": {"viewer": {"id": user}}}
    async with reading(gateway, user, json=body) as stream:
        event = await stream.event()
        assert (event["event"], json.loads(event["data"])) == ("next", answer.json())
        assert (await stream.event())["event"] == "complete"


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/graphql-response+json"])
async def test_a_subscription_that_cannot_be_told_is_refused(
    accept: str, gateway: Running, user: str
) -> None:
    body = {"query": VIEWER}
    answer = await sent(gateway, user, "POST", {"Accept": accept}, path="", json=body)
    assert answer.status_code == 406
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_wrong_subscription_is_told_and_over(gateway: Running, user: str) -> None:
    query = 'subscription { projectChanges(projectId: "x") { kind } }'
    async with reading(gateway, user, json={"query": query}) as stream:
        (wrong,) = json.loads((await stream.event())["data"])["errors"]
        assert wrong["extensions"] == {"code": "BAD_USER_INPUT", "argument": "projectId"}
        assert (await stream.event())["event"] == "complete"
        with pytest.raises(EOFError):
            await stream.event()


async def test_one_reserved_stream_tells_of_several_operations(
    gateway: Running, studio: Studio, user: str, project: str
) -> None:
    token = (await sent(gateway, user, "PUT")).text
    headers = {"X-GraphQL-Event-Stream-Token": token}
    async with reading(gateway, user, "GET", "/stream", headers=headers) as stream:
        for name, query in (("one", PROJECT), ("two", VIEWER), ("three", "{ viewer { id } }")):
            body = {
                "query": query,
                "variables": {"id": project} if query == PROJECT else {},
                "extensions": {"operationId": name},
            }
            assert (await sent(gateway, user, "POST", headers, json=body)).status_code == 202
        heard = [await stream.event() for _ in range(4)]
        ids = [json.loads(event["data"])["id"] for event in heard]
        assert sorted(ids) == ["one", "three", "three", "two"]
        again = {"query": VIEWER, "extensions": {"operationId": "two"}}
        assert (await sent(gateway, user, "POST", headers, json=again)).status_code == 409
        await sent(gateway, user, "DELETE", headers, params={"operationId": "two"})
        studio.owner.execute("update users set name = 'Dusk' where id = %s", (user,))
        studio.shot(project)
        data = json.loads((await stream.event())["data"])
        assert (data["id"], data["payload"]["data"]["projectChanges"]["kind"]) == ("one", "CHANGE")


async def test_an_operation_on_a_reserved_stream_is_resumed_too(
    gateway: Running, studio: Studio, user: str, project: str
) -> None:
    after = gateway.ask("query ($id: ID!) { project(id: $id) { cursor } }", user, id=project)
    missed = studio.shot(project)
    headers = {"X-GraphQL-Event-Stream-Token": (await sent(gateway, user, "PUT")).text}
    asked = {"query": PROJECT, "variables": {"id": project}, "extensions": {"operationId": "one"}}
    async with reading(gateway, user, "GET", "/stream", headers=headers) as stream:
        last = {"Last-Event-ID": after["project"]["cursor"]}
        await sent(gateway, user, "POST", headers | last, json=asked)
        for kind, shots in (("READY", []), ("CHANGE", [missed])):
            told = await stream.event()
            event = json.loads(told["data"])["payload"]["data"]["projectChanges"]
            assert (event["kind"], event["shotIds"], event["cursor"]) == (kind, shots, told["id"])


async def test_sockets_and_streams_of_a_viewer_are_counted_together(
    gateway_url: str, tmp_path: Path, user: str
) -> None:
    process, address = gateways.started(gateway_url, tmp_path, DAILIES_LIMITS__SOCKETS="2")
    gateway = gateways.at(address, process, tmp_path)
    try:
        async with (
            following(address, gateway.token(user), VIEWER),
            reading(gateway, user, json={"query": VIEWER}) as stream,
        ):
            await stream.told("READY")
            for method in ("PUT", "POST"):
                path = "" if method == "POST" else "/stream"
                accept = {"Accept": STREAM}
                answer = await sent(gateway, user, method, accept, path, json={"query": VIEWER})
                assert answer.status_code == 429
                assert answer.json()["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    finally:
        process.terminate()
        process.wait(20)


async def test_a_stream_is_its_owners_alone_and_listened_to_once(
    gateway: Running, studio: Studio, user: str
) -> None:
    headers = {"X-GraphQL-Event-Stream-Token": (await sent(gateway, user, "PUT")).text}
    other = studio.user()
    for method in ("GET", "POST", "DELETE"):
        assert (await sent(gateway, other, method, headers)).status_code == 404
    async with reading(gateway, user, "GET", "/stream", headers=headers):
        assert (await sent(gateway, user, "GET", headers)).status_code == 409
    assert (await sent(gateway, user, "PUT", {"Authorization": ""})).status_code == 401


async def test_a_gateway_that_stops_says_up_to_where_it_has_told_and_not_that_it_is_over(
    gateway_url: str, tmp_path: Path, user: str, project: str
) -> None:
    body = {"query": PROJECT, "variables": {"id": project}}
    with gateways.running(gateway_url, tmp_path) as stopping:
        async with reading(stopping, user, json=body) as stream:
            ready = await stream.told("READY")
            stopping.process.terminate()
            assert (await stream.told("HEARTBEAT"))["cursor"] == ready["cursor"]
            with pytest.raises(EOFError):
                await stream.event()


async def test_an_expired_token_ends_what_its_stream_tells(gateway: Running, user: str) -> None:
    short = {"Authorization": f"Bearer {gateway.token(user, SHORT)}"}
    async with reading(gateway, user, json={"query": VIEWER}, headers=short) as stream:
        await stream.told("READY")
        (wrong,) = json.loads((await stream.event())["data"])["errors"]
        assert wrong["extensions"]["code"] == "UNAUTHENTICATED"
        assert (await stream.event())["event"] == "complete"
        with pytest.raises(EOFError):
            await stream.event()


async def test_nothing_begins_on_a_stream_that_was_closed_while_it_was_asked_for(
    gateway: Running, user: str
) -> None:
    headers = {"X-GraphQL-Event-Stream-Token": (await sent(gateway, user, "PUT")).text}
    closed = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield json.dumps({"query": VIEWER, "extensions": {"operationId": "one"}}).encode()
        await closed.wait()

    async with reading(gateway, user, "GET", "/stream", headers=headers):
        kind = {"Content-Type": "application/json"}
        asking = asyncio.create_task(sent(gateway, user, "POST", headers | kind, content=body()))
        await asyncio.sleep(0.2)
    for _ in range(100):
        if (await sent(gateway, user, "DELETE", headers)).status_code == 404:
            break
        await asyncio.sleep(0.05)
    closed.set()
    assert (await asking).status_code == 404


async def test_who_begins_with_a_fresh_token_renews_a_reserved_stream_until_that_expires(
    gateway: Running, user: str
) -> None:
    token = (await sent(gateway, user, "PUT")).text
    headers = {"X-GraphQL-Event-Stream-Token": token}
    body = {"query": VIEWER, "extensions": {"operationId": "one"}}
    async with reading(gateway, user, "GET", "/stream", headers=headers) as stream:
        short = headers | {"Authorization": f"Bearer {gateway.token(user, SHORT)}"}
        assert (await sent(gateway, user, "POST", short, json=body)).status_code == 202
        assert json.loads((await stream.event())["data"])["payload"]["data"]
        (wrong,) = json.loads((await stream.event())["data"])["payload"]["errors"]
        assert wrong["extensions"]["code"] == "UNAUTHENTICATED"


async def sent(
    gateway: Running,
    user: str,
    method: str,
    headers: dict[str, str] | None = None,
    path: str = "/stream",
    **more: Any,
) -> httpx.Response:
    """An answer that is read at once."""
    given = gateway.headers(user) | (headers or {})
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        url = f"{gateway.address}/graphql{path}"
        return await client.request(method, url, headers=given, **more)
