"""The engine alone, with a schema of its own: what it merges, what it leaves to graphql-core."""

import asyncio
from typing import Any

import pytest
from strawberry.extensions import SchemaExtension

from engine.executor import GaveUp
from engine.watching import Beside
from tests import shelves
from tests.shelves import Library, Session, book, shelf

BOTH = "query A($s: Boolean = false) { book(id: 1) { id title @skip(if: $s) } }"


@pytest.fixture
def asked() -> Library:
    return Library()


@pytest.mark.parametrize(
    "query",
    [
        "{ book(id: 1) { z: title a: id title pages: id m: mood mood tags price sold } }",
        "{ a: book(id: 1) { id } b: book(id: 2) { id } book(id: 1) { id } c: book(id: 9) { id } }",
        "{ author(id: a) { x: books(first: 1) { id } y: books(first: 2) { title } books { id } } }",
        "{ author(id: a) { x: books(first: 2) { id } y: books(first: 2) { title } } }",
        "{ book(id: 1) { ...F author { id } ...F } } fragment F on Book { author { name } }",
        "{ book(id: 1) { sequel { sequel { sequel { id } } author { books { votes stars } } } } }",
        "{ book(id: 1) { loud a: loud(times: 3) b: loud(times: 0) __typename t: __typename } }",
        "{ book(id: 1) { id @skip(if: true) } __typename }",
        "{ book(id: 1) { __typename } author(id: a) { books { __typename } } }",
        "{ author(id: a) { maybe(first: 1) { id } books(first: 0) { id } } }",
    ],
)
async def test_what_it_can_answer_it_answers_alike(asked: Library, query: str) -> None:
    for quoted in ("1", "2", "9", "a"):
        query = query.replace(f"(id: {quoted})", f'(id: "{quoted}")')
    engines, _ = await asked.ask(query)
    assert engines is not None


@pytest.mark.parametrize(
    "selection",
    [
        "__typename",
        "id __typename ... on Book { title } ... on Author { name books { id } }",
        "... on Item { ... on Item { id ... on Author { name } } ... on Book { pages id } }",
        "... on Book { sequel { ... on Item { id ... on Author { name } } } }",
    ],
)
async def test_items_are_what_their_ids_speak_of(asked: Library, selection: str) -> None:
    ids = '["3", "a", "1", "nothing", "lost", "3", "2"]'
    query = f'{{ items(ids: {ids}) {{ {selection} }} item(id: "a") {{ {selection} }} }}'
    engines, _ = await asked.ask(query)
    assert [one is None for one in engines["items"]] == [False] * 3 + [True] * 2 + [False] * 2


async def test_fields_that_ask_the_same_share_one_flight(asked: Library) -> None:
    session = Session(shelf())
    query = '{ book(id: "1") { a: sequel { id } b: sequel { title } author { id } stars votes } }'
    await asked.engines(query, session)
    assert session.flights == [["books"], ["books", "authors", "ratings"]]


@pytest.mark.parametrize(
    ("selection", "flights"),
    [
        ("title ... on Item { id } mood", [["ratings"]]),
        ("title sequel { title sequel { id } }", [["ratings", "books"], ["books"]]),
    ],
)
async def test_an_event_is_told_with_what_is_asked_beside_it(
    asked: Library, selection: str, flights: list[list[str]]
) -> None:
    query = f'subscription {{ told: bookChanges(id: "1") {{ {selection} }} }}'
    session, beside = Session(shelf()), Beside(shelves.ratings, ["1", "9"])
    engines = await asked.told(query, session, book("7", sequel="1"), beside)
    assert engines["told"]["title"] == "Book 7"
    assert (session.flights, [*(beside.said or ())]) == (flights, ["1"])


async def test_when_what_is_asked_beside_an_event_fails_nothing_is_told(asked: Library) -> None:
    query = 'subscription { bookChanges(id: "1") { title } }'
    broken, beside = Session(shelf(ratings=ValueError("no"))), Beside(shelves.ratings, ["1"])
    with pytest.raises(GaveUp):
        await asked.told(query, broken, book("7"), beside)
    assert beside.said is None


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ('{ book(id: "1") { secret } }', "Book.secret is not declared"),
        ('{ book(id: "1") { twice } }', "Book.twice is not declared"),
        ('{ book(id: "1") { plain } }', "Book.plain is not declared"),
        ('{ book(id: "1") { quiet } }', "Book.quiet is not plain"),
        ('{ book(id: "1") { title @reversed } }', "@reversed"),
        ('{ book(id: "1") { ...F } } fragment F on Book @reversed { title }', "@reversed"),
        ("{ __schema { queryType { name } } }", "introspection"),
        ("mutation { write }", "Mutation.write is not declared"),
    ],
)
async def test_what_it_does_not_know_it_leaves_to_graphql_core(query: str, reason: str) -> None:
    asked = Library(shelves.made(directives=[shelves.reversed]))
    asked.engine._unknown.clear()
    engines, _ = await asked.ask(query)
    assert engines is None
    assert asked.engine.fallbacks == {reason: 1}


@pytest.mark.parametrize(("extension", "reason"), [(shelves.Watched, "the extension Watched")])
async def test_an_extension_is_never_passed_by(
    extension: type[SchemaExtension], reason: str
) -> None:
    asked = Library(shelves.made(extension))
    assert (await asked.ask('{ book(id: "1") { id } }'))[0] is None
    assert asked.engine.fallbacks == {reason: 1}


async def test_what_is_skipped_may_be_unknown(asked: Library) -> None:
    engines, _ = await asked.ask('{ book(id: "1") { id secret @skip(if: true) } }')
    assert engines == {"book": {"id": "1"}}


async def test_a_null_switch_is_worded_by_graphql_core(asked: Library) -> None:
    query = 'query ($s: Boolean = true) { book(id: "1") { id title @skip(if: $s) } }'
    assert (await asked.ask(query, s=False))[0] is not None
    engines, core = await asked.ask(query, s=None)
    assert engines is None
    assert core.errors
    assert (await asked.ask(query))[0] == {"book": {"id": "1"}}


async def test_a_variable_that_does_not_fit_is_worded_by_graphql_core(asked: Library) -> None:
    query = 'query ($n: Int!) { author(id: "a") { books(first: $n) { id } } }'
    engines, core = await asked.ask(query, n="x")
    assert engines is None
    assert core.errors
    assert asked.engine.fallbacks == {"variables": 1}


async def test_variables_are_never_part_of_a_plan(asked: Library) -> None:
    query = """
    query ($id: String!, $n: Int = 2, $s: Boolean = false) {
      book(id: $id) { id author { books(first: $n) { id @skip(if: $s) title } } } }
    """
    wanted: list[dict[str, Any]] = [
        {"id": "1"}, {"id": "2", "n": 1}, {"id": "1", "s": True}, {"id": "3", "n": 9},
        {"id": "9"}, {"id": "2", "n": 0, "s": True}, {"id": "1", "n": 3, "s": False},
    ]  # fmt: skip
    await asyncio.gather(*(asked.ask(query, **one) for one in wanted * 5))
    assert asked.engine.answered == 35


async def test_operations_of_one_document_have_plans_of_their_own(asked: Library) -> None:
    query = """
    query One($s: Boolean!) { book(id: "1") { ...F } }
    query Two($s: Boolean!) { author(id: "a") { name @include(if: $s) books { ...F } } }
    fragment F on Book { id title @skip(if: $s) }
    """
    for name in ("One", "Two", "One", "Two"):
        for switch in (True, False):
            engines, _ = await asked.ask(query, operation=name, s=switch)
            assert engines is not None


async def test_a_switch_of_another_operation_does_not_matter(asked: Library) -> None:
    query = """
    query One($a: Boolean!) { book(id: "1") { id title @skip(if: $a) } }
    query Two { book(id: "1") { id } }
    """
    assert (await asked.ask(query, operation="Two"))[0] == {"book": {"id": "1"}}
    assert (await asked.ask(query, operation="One", a=True))[0] == {"book": {"id": "1"}}


async def test_many_first_requests_make_one_plan(asked: Library) -> None:
    query = '{ author(id: "a") { books { id title author { name } } } }'
    gate = asyncio.Event()
    sessions = [Session(shelf(), gate) for _ in range(64)]
    tasks = [asyncio.create_task(asked.engines(query, session)) for session in sessions]
    await asyncio.sleep(0)
    gate.set()
    answers = await asyncio.gather(*tasks)
    assert answers == [answers[0]] * 64
    assert asked.engine.answered == 64
    (known,) = asked.engine._remembered._known.values()
    assert len(known.plans) == 1
