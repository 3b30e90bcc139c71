"""Connections: every one of the schema is a list that pages cut without loss, from both ends."""

from typing import Any

import pytest
from graphql import get_named_type

from tests import walking
from tests.asking import Asking
from tests.uneven import MANY, Uneven
from tests.walking import SCHEMA

CONNECTIONS = {
    (kind.name, name): connection
    for kind in walking.node_types(SCHEMA)
    for name, field in kind.fields.items()
    if (connection := get_named_type(field.type).name).endswith("Connection")
}
# What tells items apart that have no id of their own.
MARKS = {"PairConnection": "index startFrame", "VideoOutputConnection": "entry { id }"}
UNDER = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on %s { %s } } }"
PARTS = {"whole": "", "head": "(first: 3)", "tail": "(last: 3)", "none": "(first: 0)"}

Page = dict[str, Any]


class List:
    """A connection field, asked under all parents at once or under one."""

    def __init__(self, asking: Asking, uneven: Uneven, kind: str, field: str) -> None:
        self.asking, self.uneven, self.kind, self.field = asking, uneven, kind, field
        mark = MARKS.get(CONNECTIONS[kind, field], "... on Node { id }")
        self.page_text = f"""{{ nodes {{ __typename {mark} }}
            edges {{ cursor node {{ __typename {mark} }} }}
            pageInfo {{ startCursor endCursor hasNextPage hasPreviousPage }}
            totalCount {{ value exact }} }}"""

    async def ask(self, ids: list[str], parts: dict[str, str]) -> list[dict[str, Page]]:
        """The pages by alias, for each parent."""
        fields = " ".join(f"{n}: {self.field}{a} {self.page_text}" for n, a in parts.items())
        answer = await self.asking(UNDER % (self.kind, fields), self.uneven.viewer, ids=ids)
        found: list[dict[str, Page]] = answer["nodes"]
        return found

    async def page(self, parent: str, arguments: str) -> Page:
        (found,) = await self.ask([parent], {"page": arguments})
        return found["page"]

    async def longest(self) -> tuple[str, Page]:
        """The parent with the most items, and all of them."""
        parents = self.uneven.parents(self.kind)
        pages = await self.ask(parents, {"whole": ""})
        found = [(len(page["whole"]["nodes"]), n) for n, page in enumerate(pages)]
        number, place = max(found)
        assert number >= MANY - 1
        return parents[place], pages[place]["whole"]

    async def refused(self, parent: str, arguments: str) -> tuple[str, str | None]:
        text = UNDER % (self.kind, f"{self.field}{arguments} {{ nodes {{ __typename }} }}")
        answer = await self.asking(text, self.uneven.viewer, ids=[parent])
        (error,) = answer.errors
        return error.original_error.code, error.original_error.argument


@pytest.fixture(params=CONNECTIONS, ids=".".join)
def listed(request: Any, asking: Asking, uneven: Uneven) -> List:
    return List(asking, uneven, *request.param)


async def test_pages_of_all_parents_at_once_are_cut_from_the_list_of_each(listed: List) -> None:
    parents = listed.uneven.parents(listed.kind)
    numbers = set()
    for parent, parts in zip(parents, await listed.ask(parents, PARTS), strict=True):
        (alone,) = await listed.ask([parent], PARTS)
        assert parts == alone
        whole = parts["whole"]["nodes"]
        numbers.add(min(len(whole), 2))
        assert parts["head"]["nodes"] == whole[:3]
        assert parts["tail"]["nodes"] == whole[-3:]
        assert parts["none"]["nodes"] == []
        assert {part["totalCount"]["value"] for part in parts.values()} == {len(whole)}
        assert len({str(node) for node in whole}) == len(whole)
        assert more(parts["whole"]) == (False, False)
        assert more(parts["head"]) == (False, len(whole) > 3)
        assert more(parts["tail"]) == (len(whole) > 3, False)
        assert more(parts["none"]) == (False, bool(whole))
    assert listed.kind == "User" or numbers > {2}


async def test_walks_from_both_ends_show_the_whole_list(listed: List) -> None:
    parent, whole = await listed.longest()
    for size in (1, 3):
        ahead = [page async for page in walk(listed, parent, f"first: {size}", "after")]
        back = [page async for page in walk(listed, parent, f"last: {size}", "before")]
        assert [node for page in ahead for node in page["nodes"]] == whole["nodes"]
        assert [node for page in back[::-1] for node in page["nodes"]] == whole["nodes"]
        assert [page["pageInfo"]["hasPreviousPage"] for page in ahead] == told(len(ahead), True)
        assert [page["pageInfo"]["hasNextPage"] for page in back] == told(len(back), True)


def told(pages: int, later: bool) -> list[bool]:
    """What all pages but the first say."""
    return [False] + [later] * (pages - 1)


async def test_a_page_lies_between_two_cursors(listed: List) -> None:
    parent, whole = await listed.longest()
    nodes, cursors = whole["nodes"], [edge["cursor"] for edge in whole["edges"]]
    between = f'after: "{cursors[0]}", before: "{cursors[5]}"'
    for arguments, low, high, known in (
        (between, 1, 5, (True, False)),
        (f"first: 2, {between}", 1, 3, (True, True)),
        (f"last: 2, {between}", 3, 5, (True, True)),
        (f"first: 4, {between}", 1, 5, (True, False)),
        (f"last: 4, {between}", 1, 5, (False, True)),
        (f'before: "{cursors[2]}"', 0, 2, (False, False)),
        (f'last: 9, before: "{cursors[0]}"', 0, 0, (False, True)),
        (f'after: "{cursors[-1]}"', 9, 9, (True, False)),
        (f'after: "{cursors[3]}", before: "{cursors[1]}"', 0, 0, (True, False)),
    ):
        page = await listed.page(parent, f"({arguments})")
        assert page["nodes"] == nodes[low:high]
        assert more(page) == known
        assert page["totalCount"] == whole["totalCount"]


async def test_cursors_are_those_of_the_edges_and_the_same_on_every_page(listed: List) -> None:
    parent, whole = await listed.longest()
    cursors = [edge["cursor"] for edge in whole["edges"]]
    page = await listed.page(parent, f'(first: 3, after: "{cursors[1]}")')
    assert [edge["cursor"] for edge in page["edges"]] == cursors[2:5]
    assert [edge["node"] for edge in page["edges"]] == page["nodes"]
    ends = page["pageInfo"]
    assert [ends["startCursor"], ends["endCursor"]] == [cursors[2], cursors[4]]


async def test_no_other_list_takes_the_cursor(listed: List) -> None:
    _, whole = await listed.longest()
    cursor = whole["pageInfo"]["endCursor"]
    for kind, field in CONNECTIONS:
        if (kind, field) != (listed.kind, listed.field):
            other = List(listed.asking, listed.uneven, kind, field)
            parent = listed.uneven.ids[kind][0]
            for bound in ("after", "before"):
                refused = await other.refused(parent, f'({bound}: "{cursor}")')
                assert refused == ("BAD_USER_INPUT", bound)


@pytest.mark.parametrize(
    "arguments",
    [
        "(placement: PLACED)",
        "(placement: UNPOSITIONED)",
        "(mediaType: IMAGE)",
        "(mediaType: VIDEO)",
    ],
)
async def test_entries_of_one_choice_are_a_list_of_their_own(
    asking: Asking, uneven: Uneven, arguments: str
) -> None:
    listed = List(asking, uneven, "Shot", "entries")
    parent, whole = await listed.longest()
    chosen = await listed.page(parent, arguments)
    assert chosen["nodes"] == [node for node in whole["nodes"] if node in chosen["nodes"]]
    assert 0 < chosen["totalCount"]["value"] == len(chosen["nodes"]) < len(whole["nodes"])
    cursor = chosen["pageInfo"]["startCursor"]
    assert await listed.refused(parent, f'(after: "{cursor}")') == ("BAD_USER_INPUT", "after")
    rest = await listed.page(parent, f'{arguments[:-1]}, first: 500, after: "{cursor}")')
    assert rest["nodes"] == chosen["nodes"][1:]


async def walk(listed: List, parent: str, size: str, bound: str) -> Any:
    """Pages, each beginning where the one before ended."""
    going, arguments = True, f"({size})"
    while going:
        page = await listed.page(parent, arguments)
        yield page
        going = page["pageInfo"]["hasNextPage" if bound == "after" else "hasPreviousPage"]
        cursor = page["pageInfo"]["endCursor" if bound == "after" else "startCursor"]
        arguments = f'({size}, {bound}: "{cursor}")'


def more(page: Page) -> tuple[bool, bool]:
    """Whether there are earlier items, and later ones."""
    return page["pageInfo"]["hasPreviousPage"], page["pageInfo"]["hasNextPage"]
