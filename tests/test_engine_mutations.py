"""The engine alone: mutations are done in order and once, and told as graphql-core tells them."""

import pytest

from tests.shelves import Context, Library, Session, shelf


@pytest.fixture
def asked() -> Library:
    return Library()


async def test_each_is_done_and_read_before_the_next(asked: Library) -> None:
    query = """
    mutation {
      a: print(input: { ids: ["1"] }) { ... on Printed { book { title sequel { id } } } }
      __typename
      b: print(input: { ids: ["2", "9", "2"] }) {
        ... on Printed { __typename copies { id } more: copies { title } } ... on Banned { why }
      }
      c: print(input: { ids: ["banned"] }) { ... on Banned { why } ... on Printed { book { id } } }
    }
    """
    session = Session(shelf())
    context = Context(session)
    engines, _ = await asked.does(query, context)
    assert engines["b"]["copies"] == [{"id": "2"}, None, {"id": "2"}]
    assert engines["c"] == {"why": "It is banned."}
    assert context.deeds == ["1", "2,9,2", "banned"]
    assert session.flights[:3] == [["books"], ["books"], ["books", "books"]]


async def test_what_cannot_be_read_was_done_all_the_same_and_once(asked: Library) -> None:
    query = """
    mutation {
      a: print(input: { ids: ["1"] }) { ... on Printed { book { id } } }
      b: print(input: { ids: ["9"] }) { ... on Printed { first { id } } }
      c: print(input: { ids: ["2"] }) { ... on Printed { first { id } } }
    }
    """
    context = Context(Session(shelf()))
    engines, core = await asked.does(query, context)
    assert engines is None
    assert core.data == {"a": {"book": {"id": "1"}}, "b": None, "c": {"first": {"id": "2"}}}
    assert [error.path for error in core.errors] == [["b", "first"]]
    assert context.deeds == ["1", "9", "2"]


async def test_what_fails_is_not_tried_again(asked: Library) -> None:
    query = """
    mutation {
      a: print(input: { ids: [] }) { __typename }
      b: print(input: { ids: ["1"] }) { __typename }
    }
    """
    context = Context(Session(shelf()))
    engines, core = await asked.does(query, context)
    assert engines is None
    assert core.data == {"a": None, "b": {"__typename": "Printed"}}
    assert [error.path for error in core.errors] == [["a"]]
    assert context.deeds == ["", "1"]


async def test_what_is_not_planned_is_done_by_graphql_core(asked: Library) -> None:
    query = """
    mutation {
      write
      a: print(input: { ids: ["1"] }) { ... on Printed { book { plain } } }
    }
    """
    context = Context(Session(shelf()))
    engines, core = await asked.does(query, context)
    assert engines is None
    assert core.data == {"write": "written", "a": {"book": {"plain": "plain"}}}
    assert context.deeds == ["1"]
