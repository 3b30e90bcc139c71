"""Hostile input: what nobody sends by accident is refused in words, and quickly."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import jwt
import pytest
from httpx import Response

from server import auth, replies
from server.documents import Documents
from server.limits import Limits
from tests.asking import Asking
from tests.edge import SCHEMA, app, ask, client, codes, config
from tests.studio import Studio

JSON = {"Content-Type": "application/json"}


def nest(levels: int) -> Any:
    """Lists inside one another."""
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("skip", [True, False])
async def test_a_variable_decides_whether_a_field_is_skipped(
    asking: Asking, studio: Studio, skip: bool
) -> None:
    viewer = studio.user(name="Ada")
    query = "query ($skip: Boolean!) { viewer { id name @skip(if: $skip) } }"
    expected = {"id": viewer} if skip else {"id": viewer, "name": "Ada"}
    assert (await asking(query, viewer, skip=skip))["viewer"] == expected


@pytest.mark.parametrize("include", [True, False])
async def test_a_variable_decides_whether_a_fragment_is_included(
    asking: Asking, studio: Studio, include: bool
) -> None:
    viewer = studio.user(name="Ada")
    query = "query ($with: Boolean = false) { viewer { id ... @include(if: $with) { name } } }"
    answer = await asking(query, viewer, **{"with": include})
    assert ("name" in answer["viewer"]) == include


@pytest.mark.parametrize(
    "value",
    [
        '"a\\u0000b"',
        '["\\ud800"]',
        "NaN",
        "1e999",
        "-" + "9" * 5000,
        '[{"a": 18446744073709551616}]',
        '{"a\\u0000": 1}',
        "[" * 900 + '"\\u0000"' + "]" * 900,
    ],
    ids=["nul", "surrogate", "nan", "infinite", "huge", "rounded", "key", "deep"],
)
async def test_a_value_that_cannot_be_kept_names_its_variable(value: str) -> None:
    response = await post(f'{{"query": "{{__typename}}", "variables": {{"t": {value}}}}}')
    assert response.status_code == 400
    assert extensions(response) == {"code": "BAD_USER_INPUT", "argument": "t"}
    assert "\\u0000" not in response.text


@pytest.mark.parametrize(
    ("body", "argument"),
    [
        ('{"query": 1}', "query"),
        ('{"query": "{__typename}", "variables": []}', "variables"),
        ('{"query": "query a {echo} query b {echo}"}', "operationName"),
        ('{"query": "{__typename}", "operationName": "\\u0000"}', "operationName"),
    ],
)
async def test_a_wrong_part_of_a_body_is_named(body: str, argument: str) -> None:
    assert extensions(await post(body))["argument"] == argument


@pytest.mark.parametrize(
    ("value", "limited"),
    [
        ([{}] * 10_000, "values"),
        ({"and": [{"not": {"models": ["x"] * 10_000}}]}, "values"),
        (nest(100), "deep"),
    ],
    ids=["many", "inner", "deep"],
)
async def test_variables_that_are_too_large_are_refused_before_they_are_read(
    value: object, limited: str
) -> None:
    response = await ask("query ($x: JSON) { echo(json: $x) }", x=value)
    assert extensions(response) == {"code": "LIMIT_EXCEEDED", "argument": "x"}
    assert limited in response.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "value", ['"12345678901234567890123"', "0.12345678901234567890123", "1e22"]
)
async def test_many_digits_are_taken_where_no_whole_number_is_rounded(value: str) -> None:
    query = "query ($x: JSON) { echo(json: $x) }"
    assert not codes(await post(f'{{"query": "{query}", "variables": {{"x": [{value}]}}}}'))


async def test_variables_of_a_common_size_are_taken() -> None:
    response = await ask("query ($x: JSON) { echo(json: $x) }", x=[*["id"] * 5_000, nest(90)])
    assert not codes(response)


async def test_what_was_sent_is_not_repeated_at_length() -> None:
    response = await ask("{ " + "a" * 100_000 + " }")
    assert codes(response) == ["GRAPHQL_VALIDATION_FAILED"]
    assert len(response.content) < 2_000


def test_heavy_documents_are_soon_forgotten() -> None:
    documents = Documents(SCHEMA._schema, Limits(), introspection=True, suggestions=True)
    first = documents.read("{ echo }")
    for number in range(40):
        documents.read(f"query q{number} {{ echo(json: [{'1 ' * 4_900}]) }}")
    assert documents.read("{ echo }") is not first


async def test_a_document_full_of_mistakes_is_answered_with_a_few() -> None:
    assert len(codes(await ask("{ thing { " + "wrong " * 100 + "} }"))) <= 11


@pytest.mark.parametrize(
    "claim",
    [{"email": "a\0b"}, {"email": "\ud800"}, {"a\0b": 1}, {"size": 10**30}, {"deep": nest(300)}],
    ids=["nul", "surrogate", "key", "huge", "deep"],
)
async def test_a_token_with_claims_that_cannot_be_stored_is_refused(claim: dict[str, Any]) -> None:
    current = config()
    claims = jwt.decode(auth.mint(current, str(uuid4())), options={"verify_signature": False})
    secret = current.token_secret()
    assert secret is not None
    async with client(current, jwt.encode(claims | claim, secret)) as opened:
        response = await opened.post("/graphql", json={"query": "{ echo }"})
    assert response.status_code == 401
    assert codes(response) == ["UNAUTHENTICATED"]


async def test_a_body_that_never_ends_is_waited_for_no_longer_than_a_while() -> None:
    async def trickle() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(60)

    async with client(config(limits={"body_seconds": 0.2})) as opened:
        response = await opened.post("/graphql", content=trickle(), headers=JSON)
    assert response.status_code == 408
    assert codes(response) == ["TIMEOUT"]


async def test_a_client_that_leaves_in_the_middle_of_its_body_is_no_fault(
    caplog: pytest.LogCaptureFixture,
) -> None:
    current = config()
    token = auth.mint(current, str(uuid4()))
    headers = [
        (b"authorization", f"Bearer {token}".encode()),
        (b"content-type", b"application/json"),
    ]
    sent: list[Any] = []

    async def leave() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b""}
    await app(current)({**scope, "headers": headers}, leave, send)

    assert sent[0]["status"] == 400
    assert not caplog.records


def test_json_nested_deeper_than_most_is_answered_as_it_is_kept() -> None:
    answer = replies.encoded({"data": nest(300)}, 200, "application/json")
    assert json.loads(bytes(answer.body)) == {"data": nest(300)}


async def post(body: str) -> Response:
    async with client(config()) as opened:
        return await opened.post("/graphql", content=body, headers=JSON)


def extensions(response: Response) -> dict[str, str]:
    found: dict[str, str] = response.json()["errors"][0]["extensions"]
    return found
