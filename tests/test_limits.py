"""Limits: what is too large, counted without executing anything, each fragment once."""

from collections.abc import AsyncIterator

import pytest
from graphql import get_introspection_query, parse

from server import limits
from server.limits import Limits
from tests.edge import ask, client, codes, config


def refusals(query: str, **given: int) -> list[str]:
    found = limits.check(parse(query), Limits(**given))
    assert all((error.extensions or {})["code"] == "LIMIT_EXCEEDED" for error in found)
    return [error.message for error in found]


def doubled(levels: int, fields: str) -> str:
    fragments = (f"fragment f{n} on T {{ {fields % (n + 1, n + 1)} }}" for n in range(levels))
    return f"{{ ...f0 }} {' '.join(fragments)} fragment f{levels} on T {{ id }}"


def nested(levels: int) -> str:
    return "{ a " * (levels - 1) + "{ id }" + " }" * (levels - 1)


@pytest.mark.parametrize(
    ("fitting", "exceeding", "what"),
    [
        (nested(15), nested(16), "levels of fields"),
        ("{t{" + "a:b " * 100 + "}}", "{t{" + "a:b " * 101 + "}}", "aliases"),
        ("{" + "a " * 20 + "}", "{" + "a " * 21 + "}", "fields at its root"),
        ("mutation{" + "a " * 10 + "}", "mutation{" + "a " * 11 + "}", "fields at its root"),
        ("{t{" + "a@b " * 50 + "}}", "{t{" + "a@b " * 51 + "}}", "directives"),
        ("{a(first:500)}", "{a(first:501)}", "500 items"),
        ("{a(last:500)}", f"{{a(last:{'9' * 5000})}}", "500 items"),
        (f"{{a(ids:[{'1 ' * 5000}])}}", f"{{a(ids:[{'1 ' * 5001}])}}", "5000 ids"),
    ],
    ids=["depth", "aliases", "roots", "mutations", "directives", "first", "last", "ids"],
)
def test_a_limit_is_met_and_not_exceeded(fitting: str, exceeding: str, what: str) -> None:
    assert not refusals(fitting)
    (message,) = refusals(exceeding)
    assert what in message


def test_fragments_count_as_often_as_they_are_spread() -> None:
    fragment = "fragment f on T { a: x b: x }"
    assert not refusals("{ " + "t { ...f } " * 5 + "} " + fragment, aliases=10)
    assert refusals("{ " + "t { ...f } " * 6 + "} " + fragment, aliases=10)


def test_a_short_document_of_doubled_aliases_is_refused() -> None:
    query = doubled(14, "a: t { ...f%d } b: t { ...f%d }")
    assert len(query) < 800
    assert any("aliases" in message for message in refusals(query))


def test_a_short_document_of_doubled_fields_is_refused() -> None:
    query = doubled(13, "t { ...f%d } u { ...f%d }")
    assert any(" fields;" in message for message in refusals(query))


def test_endless_doubling_is_counted_at_once() -> None:
    query = doubled(100, "a: t { ...f%d } b: t { ...f%d }")
    assert any("millions of aliases" in message for message in refusals(query))


def test_a_chain_of_fragments_too_long_to_follow_is_refused() -> None:
    links = " ".join(f"fragment f{n} on T {{ ...f{n + 1} }}" for n in range(1200))
    assert refusals(f"{{ ...f0 }} {links} fragment f1200 on T {{ id }}")


def test_fragments_in_a_circle_are_left_to_validation() -> None:
    assert not refusals("{ ...a } fragment a on T { ...b } fragment b on T { ...a }")


async def test_the_introspection_of_tools_passes() -> None:
    response = await ask(get_introspection_query(input_value_deprecation=True))
    assert not codes(response)


@pytest.mark.parametrize(
    "query",
    ["{ " + "echo " * 10_000 + "}", "#\n" * 10_001 + "{ echo }", "{ a" * 3000],
    ids=["tokens", "comments", "nesting"],
)
async def test_a_document_too_long_to_be_read_is_refused(query: str) -> None:
    assert codes(await ask(query)) == ["LIMIT_EXCEEDED"]


async def test_a_body_too_long_is_refused() -> None:
    response = await ask("{ echo }", text="x" * 1_048_576)
    assert response.status_code == 413
    assert codes(response) == ["LIMIT_EXCEEDED"]


async def test_a_body_that_does_not_tell_its_length_is_counted() -> None:
    read = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(100):
            read += 1
            yield b" " * 100_000

    async with client(config()) as opened:
        headers = {"Content-Type": "application/json"}
        response = await opened.post("/graphql", content=chunks(), headers=headers)
    assert response.status_code == 413
    assert read < 15


async def test_every_limit_can_be_configured() -> None:
    strict = config(limits={"depth": 1})
    assert codes(await ask("{ thing { id } }", strict)) == ["LIMIT_EXCEEDED"]
