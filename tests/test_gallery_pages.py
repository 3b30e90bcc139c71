"""Pages of a gallery: cursors both ways, windows around an item, offsets, and what is refused."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.asking import Answer, Asking
from tests.studio import Studio

QUERY = """
query ($project: ID!, $first: Int, $after: String, $last: Int, $before: String, $around: ID,
    $offset: Int, $filter: GalleryFilter, $order: GalleryOrder) {
  project(id: $project) {
    generations(first: $first, after: $after, last: $last, before: $before, around: $around,
        offset: $offset, filter: $filter, order: $order) {
      nodes { id }
      edges { cursor }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}
"""
NESTED = """
query ($project: ID!, $around: ID, $offset: Int) {
  project(id: $project) {
    shots { nodes { generations(first: 3, around: $around, offset: $offset) { nodes { id } } } }
  }
}
"""
ORDERS: list[dict[str, str]] = [
    {"by": by, "direction": direction}
    for by in ("CREATED_AT", "UPDATED_AT", "NAME")
    for direction in ("ASC", "DESC")
] + [{"by": "STARRED_FIRST"}]
EARLY = datetime(2026, 1, 1, tzinfo=UTC)


class Gallery:
    """A project and the pages of its gallery."""

    def __init__(self, asking: Asking, studio: Studio) -> None:
        self.asking, self.studio = asking, studio
        self.viewer = studio.user()
        self.project = studio.project(self.viewer)

    def fill(self, count: int) -> list[str]:
        """Generations in gallery order, with ties, and some without a name."""
        studio, made = self.studio, []
        for n in range(count):
            moment = EARLY + timedelta(seconds=n // 3)
            name = None if n % 4 == 0 else f"name {n // 5}"
            values = {"created_at": moment, "updated_at": moment, "name": name}
            made.append(studio.generation(self.project, starred=n % 3 == 0, **values))
        return made

    async def ask(self, **variables: Any) -> Answer:
        return await self.asking(QUERY, viewer=self.viewer, project=self.project, **variables)

    async def page(self, **variables: Any) -> dict[str, Any]:
        found: dict[str, Any] = (await self.ask(**variables))["project"]["generations"]
        return found

    async def all(self, **variables: Any) -> list[str]:
        return ids(await self.page(first=500, **variables))

    async def refused(self, **variables: Any) -> tuple[str, str | None]:
        problem = (await self.ask(**variables)).errors[0].original_error
        return problem.code, problem.argument


@pytest.fixture
def gallery(asking: Asking, studio: Studio) -> Gallery:
    return Gallery(asking, studio)


def ids(page: dict[str, Any]) -> list[str]:
    return [node["id"] for node in page["nodes"]]


def more(page: dict[str, Any]) -> tuple[bool, bool]:
    """Whether there are earlier items, and later ones."""
    return page["pageInfo"]["hasPreviousPage"], page["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "-".join(order.values()))
async def test_pages_forwards_and_backwards_make_the_whole_list(
    gallery: Gallery, order: dict[str, str]
) -> None:
    gallery.fill(14)
    expected = await gallery.all(order=order)
    assert len(expected) == 14
    assert await walked(gallery, [3], order=order) == expected
    assert await walked_back(gallery, [3], order=order) == expected


async def test_pages_of_a_shot_s_frames_make_the_whole_list(gallery: Gallery) -> None:
    studio, shot = gallery.studio, gallery.studio.shot(gallery.project)
    for frame, made in enumerate(gallery.fill(9)):
        studio.entry(shot, made, None if frame % 3 == 0 else frame * 7)
    for direction in ("ASC", "DESC"):
        order = {"by": "TIMELINE_FRAME", "direction": direction}
        chosen = {"filter": {"shots": [shot]}, "order": order}
        expected = await gallery.all(**chosen)
        assert len(expected) == 9
        assert await walked(gallery, [2], **chosen) == expected
        assert await walked_back(gallery, [2], **chosen) == expected


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    sizes=some.lists(some.integers(1, 6), min_size=1, max_size=5),
    order=some.sampled_from(ORDERS),
    backward=some.booleans(),
    changes=some.lists(some.booleans(), max_size=8),
)
async def test_walking_shows_everything_once_whatever_changes_elsewhere(
    asking: Asking,
    studio: Studio,
    sizes: list[int],
    order: dict[str, str],
    backward: bool,
    changes: list[bool],
) -> None:
    gallery = Gallery(asking, studio)
    kept = set(gallery.fill(10))
    passing = gallery.fill(4)

    def change() -> None:
        if changes and changes.pop():
            gallery.fill(1)
        elif passing:
            studio.owner.execute("delete from generations where id = %s", (passing.pop(),))

    walk = walked_back if backward else walked
    found = [one for one in await walk(gallery, sizes, change, order=order) if one in kept]
    assert found == [one for one in await gallery.all(order=order) if one in kept]


async def test_sizes_go_from_none_to_five_hundred(gallery: Gallery) -> None:
    made = gallery.fill(3)
    none = await gallery.page(first=0)
    assert (ids(none), none["pageInfo"]["startCursor"]) == ([], None)
    assert more(none) == (False, True)
    assert len(ids(await gallery.page(first=1))) == 1
    assert set(ids(await gallery.page(first=500))) == set(made)
    assert await gallery.refused(first=501) == ("BAD_USER_INPUT", "first")
    assert await gallery.refused(last=501) == ("BAD_USER_INPUT", "last")
    assert await gallery.refused(first=-1) == ("BAD_USER_INPUT", "first")
    assert await gallery.refused(first=1, last=1) == ("BAD_USER_INPUT", "last")


@pytest.mark.parametrize("size", range(1, 8))
async def test_a_page_around_an_item_holds_it_and_its_neighbours(
    gallery: Gallery, size: int
) -> None:
    gallery.fill(7)
    whole = await gallery.all()
    for place, one in enumerate(whole):
        page = await gallery.page(first=size, around=one)
        start = min(max(place - (size - 1) // 2, 0), 7 - size)
        assert ids(page) == whole[start : start + size]
        assert more(page) == (start > 0, start + size < 7)


async def test_lists_go_on_to_both_sides_of_a_page_around_an_item(gallery: Gallery) -> None:
    gallery.fill(9)
    for order in ORDERS:
        whole = await gallery.all(order=order)
        page = await gallery.page(first=3, around=whole[4], order=order)
        start, end = page["pageInfo"]["startCursor"], page["pageInfo"]["endCursor"]
        assert [start, end] == [page["edges"][0]["cursor"], page["edges"][-1]["cursor"]]
        assert ids(await gallery.page(last=3, before=start, order=order)) == whole[:3]
        assert ids(await gallery.page(first=3, after=end, order=order)) == whole[6:]


async def test_a_page_around_an_item_keeps_to_the_filter(gallery: Gallery) -> None:
    made = gallery.fill(6)
    chosen = {"filter": {"starred": True}}
    assert set(ids(await gallery.page(around=made[3], **chosen))) == {made[0], made[3]}
    assert await gallery.refused(around=made[1], **chosen) == ("NOT_FOUND", "around")


async def test_what_the_list_does_not_hold_cannot_be_opened(
    gallery: Gallery, studio: Studio
) -> None:
    gallery.fill(2)
    foreign = studio.generation(studio.project(studio.user()))
    for unknown in (foreign, str(uuid4()), gallery.project):
        assert await gallery.refused(around=unknown) == ("NOT_FOUND", "around")
    assert await gallery.refused(around="x") == ("BAD_USER_INPUT", "around")


async def test_only_the_shot_without_the_item_fails(asking: Asking, gallery: Gallery) -> None:
    studio, made = gallery.studio, gallery.fill(2)
    holding, other = (studio.shot(gallery.project) for _ in range(2))
    studio.entry(holding, made[0])
    studio.entry(other, made[1])
    query = """query ($a: ID!, $b: ID!, $around: ID) {
      a: shot(id: $a) { generations(around: $around) { nodes { id } } }
      b: shot(id: $b) { generations(around: $around) { nodes { id } } } }"""
    answer = await asking(query, gallery.viewer, a=holding, b=other, around=made[0])
    assert answer.data["a"]["generations"]["nodes"] == [{"id": made[0]}]
    assert [error.path for error in answer.errors] == [["b", "generations"]]


async def test_an_offset_opens_numbered_pages(gallery: Gallery) -> None:
    gallery.fill(7)
    whole = await gallery.all()
    for offset in range(9):
        page = await gallery.page(first=3, offset=offset)
        assert ids(page) == whole[offset : offset + 3]
        assert more(page) == (offset > 0, offset + 3 < 7)
    following = await gallery.page(first=3, offset=2)
    after = await gallery.page(first=3, after=following["pageInfo"]["endCursor"])
    assert ids(after) == whole[5:]


async def test_offsets_end_at_ten_thousand(gallery: Gallery) -> None:
    assert ids(await gallery.page(offset=10_000)) == []
    assert await gallery.refused(offset=10_001) == ("BAD_USER_INPUT", "offset")
    assert await gallery.refused(offset=-1) == ("BAD_USER_INPUT", "offset")


async def test_an_offset_is_refused_inside_of_a_list(asking: Asking, gallery: Gallery) -> None:
    gallery.studio.shot(gallery.project)
    answer = await asking(NESTED, gallery.viewer, project=gallery.project, offset=1)
    assert answer.errors[0].extensions == {"code": "BAD_USER_INPUT", "argument": "offset"}
    assert (await asking(NESTED, gallery.viewer, project=gallery.project))["project"]


@pytest.mark.parametrize(
    ("together", "named"),
    [
        ({"around": "id", "offset": 1}, "around"),
        ({"around": "id", "after": "x"}, "around"),
        ({"around": "id", "before": "x"}, "around"),
        ({"around": "id", "last": 1}, "around"),
        ({"offset": 1, "after": "x"}, "offset"),
        ({"offset": 1, "before": "x"}, "offset"),
        ({"offset": 1, "last": 1}, "offset"),
    ],
)
async def test_a_page_is_found_in_one_way(
    gallery: Gallery, together: dict[str, Any], named: str
) -> None:
    (made,) = gallery.fill(1)
    if "around" in together:
        together = together | {"around": made}
    assert await gallery.refused(**together) == ("BAD_USER_INPUT", named)


@pytest.mark.parametrize("cursor", ["", "x", "é", "a\0b", "=" * 9, "A" * 4000, "🎨"])
@pytest.mark.parametrize("argument", ["after", "before"])
async def test_malformed_cursors_are_refused(gallery: Gallery, argument: str, cursor: str) -> None:
    assert await gallery.refused(**{argument: cursor}) == ("BAD_USER_INPUT", argument)


async def test_a_forged_cursor_is_refused(gallery: Gallery) -> None:
    gallery.fill(2)
    cursor = (await gallery.page(first=1))["pageInfo"]["endCursor"]
    sealed = bytearray(base64.urlsafe_b64decode(cursor))
    sealed[-3] ^= 1
    forged = base64.urlsafe_b64encode(sealed).decode()
    assert await gallery.refused(after=forged) == ("BAD_USER_INPUT", "after")


async def test_cursors_belong_to_one_order_and_one_filter(gallery: Gallery) -> None:
    made = gallery.fill(8)
    shot = gallery.studio.shot(gallery.project)
    gallery.studio.entry(shot, made[0], 0)
    lists: list[dict[str, Any]] = [{"order": order} for order in ORDERS]
    lists += [{"filter": {"starred": starred}} for starred in (True, False)]
    lists += [{"filter": {"search": "name"}}, {"filter": {"not": {"starred": True}}}]
    for one in lists:
        cursor = (await gallery.page(first=1, **one))["pageInfo"]["endCursor"]
        for other in lists:
            if other != one and {"by": "CREATED_AT", "direction": "DESC"} not in (
                one.get("order"),
                other.get("order"),
            ):
                refused = await gallery.refused(after=cursor, **other)
                assert refused == ("BAD_USER_INPUT", "after")


async def test_a_cursor_of_another_kind_of_list_is_refused(
    asking: Asking, gallery: Gallery
) -> None:
    studio, made = gallery.studio, gallery.fill(2)
    shot = studio.shot(gallery.project)
    studio.entry(shot, made[0])
    query = """query ($shot: ID!) {
      shot(id: $shot) { generations { pageInfo { endCursor } } } }"""
    answer = await asking(query, gallery.viewer, shot=shot)
    cursor = answer["shot"]["generations"]["pageInfo"]["endCursor"]
    assert await gallery.refused(after=cursor) == ("BAD_USER_INPUT", "after")


async def test_an_empty_filter_is_the_same_list_as_none(gallery: Gallery) -> None:
    gallery.fill(2)
    cursor = (await gallery.page(first=1))["pageInfo"]["endCursor"]
    assert len(ids(await gallery.page(after=cursor, filter={}))) == 1


async def walked(gallery: Gallery, sizes: list[int], change: Any = None, **chosen: Any) -> Any:
    found: list[str] = []
    after, step, going = None, 0, True
    while going:
        size = sizes[step % len(sizes)]
        page = await gallery.page(first=size, after=after, **chosen)
        found += ids(page)
        after, going = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        step += 1
        if change:
            change()
    return found


async def walked_back(
    gallery: Gallery, sizes: list[int], change: Any = None, **chosen: Any
) -> list[str]:
    found: list[str] = []
    before, step, going = None, 0, True
    while going:
        size = sizes[step % len(sizes)]
        page = await gallery.page(last=size, before=before, **chosen)
        found = ids(page) + found
        before, going = page["pageInfo"]["startCursor"], page["pageInfo"]["hasPreviousPage"]
        step += 1
        if change:
            change()
    return found
