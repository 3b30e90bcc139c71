"""What goes wrong under the engine: graphql-core words it, and nothing is left behind."""

import asyncio
import gc
import inspect
import sys
import tracemalloc
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest
from graphql import parse

from engine import executor, remembering
from tests.shelves import Library, Session, book, shelf

pytestmark = [
    pytest.mark.filterwarnings("error::RuntimeWarning"),
    pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning"),
]
BOOKS = '{ author(id: "a") { name books { id title author { name } stars sequel { id } } } }'


@pytest.fixture
def asked() -> Library:
    return Library()


@pytest.mark.parametrize(
    "changed",
    [
        {"authors": {"a": ValueError("one key")}},
        {"authors": ValueError("all keys")},
        {"books": {"2": ValueError("one key"), "3": book("3")}},
        {"books": ValueError("all keys")},
        {"ratings": {"1": ValueError("one key")}},
        {"ratings": ValueError("all keys")},
        {"written": ValueError("all keys")},
        {"written": {"a": [book("1", author="nobody")]}},
        {"written": {"a": [book("1", author=None)]}},
        {"written": {"a": [book("1"), None]}},
        {"written": {"a": "no list"}},
        {"written": {"a": {"no": "list"}}},
        {"written": {"a": [book("1", title=None)]}},
        {"written": {"a": [book("1", id=None)]}},
        {"written": {"a": 7}},
    ],
)
async def test_a_fault_is_worded_by_graphql_core(asked: Library, changed: dict[str, Any]) -> None:
    engines, core = await asked.ask(BOOKS, shelf(**changed))
    assert engines is None
    assert core.errors


@pytest.mark.parametrize("rows", ["no list", {"no": "list"}, 7, ValueError("no list")])
async def test_a_list_is_a_list_even_if_nothing_of_its_items_is_read(
    asked: Library, rows: Any
) -> None:
    query = '{ author(id: "a") { books { __typename } maybe { __typename } } }'
    engines, core = await asked.ask(query, shelf(written={"a": rows}))
    assert engines is None
    assert core.errors


@pytest.mark.parametrize("table", ["kinds", "books"])
async def test_an_item_that_fails_is_no_item(asked: Library, table: str) -> None:
    tables = shelf(**{table: {"1": ValueError("one key")}})
    engines, core = await asked.ask('{ items(ids: ["1", "a"]) { __typename } }', tables)
    assert engines is None
    assert core.errors


async def test_what_is_not_there_is_null_where_it_may_be(asked: Library) -> None:
    tables = shelf(written={"a": [book("1", sequel="9"), None]}, ratings={})
    query = '{ author(id: "a") { maybe { id sequel { id } stars votes } } book(id: "9") { id } }'
    engines, _ = await asked.ask(query, tables)
    found = {"id": "1", "sequel": None, "stars": None, "votes": 0}
    assert engines == {"author": {"maybe": [found, None]}, "book": None}


async def test_no_rows_are_an_empty_list(asked: Library) -> None:
    engines, _ = await asked.ask(BOOKS, shelf(written={}))
    assert engines == {"author": {"name": "Ada", "books": []}}


@pytest.mark.parametrize(
    "values",
    [
        {"title": 5}, {"title": True}, {"title": 1.5}, {"title": ["a"]}, {"title": b"a"},
        {"id": 7}, {"id": 7.0}, {"id": 7.5}, {"id": True},
        {"pages": 2**31}, {"pages": -(2**31)}, {"pages": "7"}, {"pages": "x"}, {"pages": 7.0},
        {"pages": 7.5}, {"pages": True}, {"pages": ""}, {"pages": None}, {"pages": float("nan")},
        {"price": 3}, {"price": -0.0}, {"price": float("inf")}, {"price": float("nan")},
        {"price": "2.5"}, {"price": True}, {"price": 10**400}, {"price": 1e300}, {"price": []},
        {"sold": 0}, {"sold": 1}, {"sold": "no"}, {"sold": 0.0}, {"sold": None},
        {"tags": "ab"}, {"tags": []}, {"tags": ("a",)}, {"tags": [None]}, {"tags": [1]},
        {"tags": {"a": 1}}, {"tags": 7}, {"tags": None},
        {"mood": "calm"}, {"mood": "CALM"}, {"mood": "other"}, {"mood": None}, {"mood": []},
        {"mood": 1},
    ],
)  # fmt: skip
async def test_values_become_what_their_types_say(asked: Library, values: dict[str, Any]) -> None:
    query = '{ book(id: "1") { id title pages price sold tags mood } }'
    engines, core = await asked.ask(query, shelf(books={"1": book("1", **values)}))
    assert (engines is None) == bool(core.errors)


async def test_a_cancelled_operation_leaves_nothing_behind(asked: Library) -> None:
    gate = asyncio.Event()
    session = Session(shelf(), gate)
    task = asyncio.create_task(asked.engines(BOOKS, session))
    for _ in range(3):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert session.flights == [["authors"]]
    gc.collect()
    assert (await asked.ask(BOOKS))[0] is not None


async def test_an_argument_that_is_refused_leaves_no_other_call_waiting(asked: Library) -> None:
    roots = 'a: book(id: "1") { id } b: author(id: "a") { id } c: book(id: $x) { id }'
    engines, _ = await asked.ask(f'query ($x: String = "1") {{ {roots} }}', x=None)
    gc.collect()
    assert engines is None


async def test_after_some_failures_it_is_tried_only_now_and_then(asked: Library) -> None:
    broken = shelf(written={"a": 7})
    for _ in range(executor.PATIENCE + executor.REST):
        assert await asked.engines(BOOKS, Session(broken)) is None
    assert asked.engine.fallbacks["given up before"] == executor.REST
    assert await asked.engines(BOOKS, Session(shelf())) is not None


async def test_levels_are_as_many_as_are_asked_for(asked: Library) -> None:
    books = {str(n): book(str(n), sequel=str(n + 1)) for n in range(40)}
    query = '{ book(id: "0") ' + "{ sequel " * 39 + "{ id }" + "}" * 40
    engines, _ = await asked.ask(query, shelf(books=books))
    assert engines is not None


async def test_more_levels_than_python_can_nest_are_left_to_graphql_core(asked: Library) -> None:
    document = parse('{ book(id: "1") ' + "{ sequel " * 100 + "{ id }" + "}" * 101)
    operation: Any = document.definitions[0]
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 200)
    try:
        answer = await asked.engine.answer("", document, operation, {}, Session(shelf()))
    finally:
        sys.setrecursionlimit(usual)
    assert answer is None
    assert asked.engine.fallbacks == {"nested too deeply": 1}


async def test_plans_of_one_document_are_bounded(asked: Library) -> None:
    names = [f"s{n}" for n in range(6)]
    head = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: title @skip(if: ${name})" for name in names)
    query = f'query ({head}) {{ book(id: "1") {{ id {fields} }} }}'
    for number in range(64):
        switches = {name: bool(number >> place & 1) for place, name in enumerate(names)}
        assert (await asked.ask(query, **switches))[0] is not None
    (known,) = asked.engine._remembered._known.values()
    assert len(known.plans) <= remembering.MOST_PLANS


async def test_documents_without_end_do_not_fill_the_memory(asked: Library) -> None:
    await distinct(asked, 0, remembering.MOST)
    tracemalloc.start()
    await distinct(asked, remembering.MOST, remembering.MOST + 100)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(asked.engine._remembered._known) == remembering.MOST
    assert grown / 100 * remembering.MOST < 50_000_000


@pytest.mark.prove
async def test_ten_thousand_large_documents_take_less_than_200_megabytes(asked: Library) -> None:
    before = psutil.Process().memory_info().rss
    await distinct(asked, 0, 10_000, width=100)
    assert asked.engine.answered == 10_000
    assert psutil.Process().memory_info().rss - before < 200_000_000


async def distinct(asked: Library, start: int, stop: int, width: int = 5) -> None:
    """Ask documents that nobody has asked before."""
    for number in range(start, stop):
        fields = " ".join(f"f{number}_{n}: title" for n in range(width))
        query = f'{{ book(id: "1") {{ {fields} author {{ name a{number}: id }} }} }}'
        assert await asked.engines(query, Session(shelf())) is not None
