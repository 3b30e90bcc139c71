"""Requests: what is asked, in which form it may be asked, and the form of the answer."""

import gzip

import pytest
from httpx import Response

from tests import edge
from tests.edge import ask, client, codes, config

JSON = {"Content-Type": "application/json"}
RESPONSE = "application/graphql-response+json"


async def post(content: bytes, headers: dict[str, str] | None = None) -> Response:
    async with client(config()) as opened:
        return await opened.post("/graphql", content=content, headers=headers or JSON)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b'"x"',
        b"1",
        b"[]",
        b"{",
        b"{}",
        b'{"query": null}',
        b'{"query": 1}',
        b'{"query": " "}',
        b'{"query": "{__typename}", "variables": []}',
        b'{"query": "{__typename}", "operationName": 1}',
        b'{"query": "{__typename}", "extensions": "x"}',
        b'{"query": "\xff"}',
        b'{"query": "{__typename}", "variables": {"x": ' + b"1" * 5000 + b"}}",
        b"[" * 50_000 + b"]" * 50_000,
        gzip.compress(b'{"query": "{__typename}"}', mtime=0),
    ],
    ids=lambda body: body[:40],
)
async def test_a_malformed_body_is_refused_in_words(body: bytes) -> None:
    response = await post(body)
    assert response.status_code == 400
    assert codes(response) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json; charset=latin-1"},
        {**JSON, "Content-Encoding": "gzip"},
    ],
    ids=str,
)
async def test_a_body_of_another_kind_is_refused(headers: dict[str, str]) -> None:
    response = await post(b'{"query": "{__typename}"}', headers)
    assert response.status_code == 415
    assert codes(response) == ["UNSUPPORTED_MEDIA_TYPE"]


@pytest.mark.parametrize(
    ("value", "place"),
    [('"a\\u0000b"', "variables.t"), ('["\\ud800"]', "variables.t.0"), ("NaN", "variables.t")],
)
async def test_a_value_that_cannot_be_kept_is_named(value: str, place: str) -> None:
    response = await post(f'{{"query": "{{__typename}}", "variables": {{"t": {value}}}}}'.encode())
    assert response.status_code == 400
    assert f"`{place}`" in response.json()["errors"][0]["message"]


async def test_a_nul_in_the_document_names_its_argument() -> None:
    response = await ask(r'{ echo(text: "a\u0000b") }')
    assert response.json()["errors"][0]["extensions"] == {
        "code": "BAD_USER_INPUT",
        "argument": "text",
    }


async def test_a_wrong_variable_is_named() -> None:
    response = await ask("query($id: UUID) { thing(id: $id) { id } }", id="x")
    assert response.status_code == 200
    assert "data" not in response.json()
    assert response.json()["errors"][0]["extensions"] == {
        "code": "BAD_USER_INPUT",
        "argument": "id",
    }


async def test_errors_of_fields_are_coded_and_show_nothing_internal() -> None:
    response = await ask("{ thing { missing broken slow } }")
    assert codes(response) == ["NOT_FOUND", "INTERNAL", "TIMEOUT"]
    assert response.json()["data"] == {"thing": {"missing": None, "broken": None, "slow": None}}
    assert "secret" not in response.text


@pytest.mark.parametrize(
    ("query", "code"),
    [("{", "GRAPHQL_PARSE_FAILED"), ("{ nothing }", "GRAPHQL_VALIDATION_FAILED")],
)
async def test_a_wrong_document_is_coded(query: str, code: str) -> None:
    assert codes(await ask(query)) == [code]


async def test_one_of_several_operations_must_be_named() -> None:
    async with client(config()) as opened:
        query = 'query a { echo } mutation b { rename(name: "x") }'
        unnamed = await opened.post("/graphql", json={"query": query})
        unknown = await opened.post("/graphql", json={"query": query, "operationName": "c"})
        named = await opened.post("/graphql", json={"query": query, "operationName": "b"})
    assert (unnamed.status_code, unknown.status_code) == (400, 400)
    assert named.json() == {"data": {"rename": "x"}}


async def test_queries_are_answered_to_get() -> None:
    async with client(config()) as opened:
        asked = {"query": "query($n: Int!) { echo(number: $n) }", "variables": '{"n": 7}'}
        response = await opened.get("/graphql", params=asked)
    assert response.json() == {"data": {"echo": "7"}}


async def test_mutations_are_refused_to_get() -> None:
    async with client(config()) as opened:
        response = await opened.get("/graphql", params={"query": 'mutation { rename(name: "x") }'})
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/json"),
        (RESPONSE, RESPONSE),
        (f"{RESPONSE}, application/json;q=0.9", RESPONSE),
        (f"application/json, {RESPONSE};q=0.5", "application/json"),
        ("application/json, text/event-stream", "application/json"),
    ],
)
async def test_the_answer_has_the_type_that_the_client_likes_best(accept: str, kind: str) -> None:
    async with client(config()) as opened:
        response = await opened.post(
            "/graphql", json={"query": "{ echo }"}, headers={"Accept": accept}
        )
    assert response.headers["content-type"] == f"{kind}; charset=utf-8"


async def test_a_request_error_has_status_400_in_the_type_that_is_made_for_it() -> None:
    async with client(config()) as opened:
        response = await opened.post(
            "/graphql", json={"query": "{ nothing }"}, headers={"Accept": RESPONSE}
        )
    assert response.status_code == 400
    assert "data" not in response.json()


async def test_a_browser_is_given_graphiql_while_developing() -> None:
    async with client(config(), token="") as opened:
        response = await opened.get("/graphql", headers={"Accept": "text/html,*/*;q=0.8"})
    assert "graphiql.js" in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]


async def test_production_tells_nothing_of_its_schema() -> None:
    production = config(environment="production")
    async with client(production, token="") as opened:
        page = await opened.get("/graphql", headers={"Accept": "text/html"})
    introspection = await ask("{ __schema { types { name } } }", production)
    mistyped = await ask("{ ech }", production)
    assert page.status_code == 401
    assert set(codes(introspection)) == {"GRAPHQL_VALIDATION_FAILED"}
    assert "Did you mean" not in mistyped.text
    assert "Did you mean" in (await ask("{ ech }")).text


async def test_an_unknown_path_is_answered_in_the_same_form() -> None:
    async with client(config()) as opened:
        assert codes(await opened.get("/nothing")) == ["NOT_FOUND"]
        assert codes(await opened.put("/graphql")) == ["METHOD_NOT_ALLOWED"]


def test_the_page_loads_nothing_from_elsewhere() -> None:
    assert "://" not in edge.PAGE.read_text()
    files = list(edge.PAGE.parent.glob("graphiql.*"))
    assert sum(file.stat().st_size for file in files) < 3_000_000
