"""Galleries answer what a model in plain Python answers, whatever is in them and is asked."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests import gallery_model as model
from tests.asking import Asking
from tests.gallery_model import EDGES, Filter, Item
from tests.studio import Studio

PAGE = """{ edges { cursor node { id } } nodes { id shotData } totalCount { value exact }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"""
FACETS = """facets(filter: $filter) { total mediaTypes { value count } toolTypes { value count }
    models { value count } starred { value count } unpositioned { value count }
    days { value count } }"""
WHOLE = f"""
query ($projects: [ID!]!, $shots: [ID!]!, $filter: GalleryFilter, $order: GalleryOrder) {{
  projects: nodes(ids: $projects) {{ ... on Project {{
    generations(first: 500, filter: $filter, order: $order) {PAGE} {FACETS} }} }}
  shots: nodes(ids: $shots) {{ ... on Shot {{
    generations(first: 500, filter: $filter, order: $order) {PAGE} }} }}
}}"""
ONE = f"""
query ($id: ID!, $first: Int, $last: Int, $after: String, $before: String, $around: ID,
    $offset: Int, $filter: GalleryFilter, $order: GalleryOrder) {{
  PLACE(id: $id) {{ generations(first: $first, last: $last, after: $after, before: $before,
    around: $around, offset: $offset, filter: $filter, order: $order) {PAGE} }}
}}"""
BYS = ("CREATED_AT", "UPDATED_AT", "NAME", "STARRED_FIRST", "TIMELINE_FRAME")
ORDERS = [{"by": by} for by in BYS] + [
    {"by": by, "direction": end} for by in BYS if by != "STARRED_FIRST" for end in ("ASC", "DESC")
]
WRITTEN = [", ".join(f"{name}: {value}" for name, value in order.items()) for order in ORDERS]
IN_ORDERS = " ".join(
    f"o{n}: generations(order: {{{order}}}) {{ nodes {{ id }} }}" for n, order in enumerate(WRITTEN)
)
IN_PLACES = """placed: generations(filter: {positioned: true}) { nodes { id } }
    waiting: generations(filter: {positioned: false}) { nodes { id } }"""
OF_SHOT = f"query ($id: ID!) {{ shot(id: $id) {{ {IN_ORDERS} {IN_PLACES} }} }}"
DAWN = datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC)
TASK_TYPE = (
    "insert into task_types (name, display_name) values ('model', '') on conflict do nothing"
)
SEEN = """
update generation_variants set viewed_at = case when viewed then now() end
from unnest(%s::uuid[], %s::boolean[]) as one (id, viewed)
where generation_id = one.id and is_primary
"""

NAMES = (None, "", "a", "A", "B", "a b", "ä", "Ω", "🎨", "zz", " ", "line\nbreak", "%", "'", "fox")
PROMPTS = (None, "", "a red fox", "Red, wolf", "foggy-mountain, (foxglove:1.2)", "fox_2")
TYPED = ("", " ", "c", "!?", "fox", "re", "red fo", "fox red", "FOX", "mountain gl", "2", "a", "x")
TYPES = (None, "image", "image/png", "video", "VIDEO/mp4", "video_travel_output", "other")
LABELS = (None, "", "one", "two", "One")

moments = some.integers(0, 3).map(lambda seconds: DAWN + timedelta(seconds=seconds))
indexes = some.integers(0, 40)

drawn_items = some.lists(
    some.fixed_dictionaries(
        {
            "id": some.integers(0, 2**20),
            "project_id": some.integers(0, 1),
            "name": some.sampled_from(NAMES),
            "type": some.sampled_from(TYPES),
            "location": some.sampled_from(["media/a.png", "media/b.png", "media/c.png", None]),
            "tool_type": some.sampled_from(LABELS),
            "model": some.sampled_from(LABELS),
            "prompt": some.sampled_from(PROMPTS),
            "starred": some.booleans(),
            "created_at": moments,
            "updated_at": moments,
            "run_id": some.booleans(),
            "task_id": some.booleans(),
            "based_on": some.none() | indexes,
            "parent_generation_id": some.none() | some.none() | indexes,
            "takes": some.lists(some.booleans(), min_size=1, max_size=3),
            "entries": some.lists(some.tuples(some.integers(0, 2), some.booleans()), max_size=4),
        }
    ),
    min_size=8,
    max_size=16,
    unique_by=itemgetter("id"),
)

conditions = {
    "mediaType": some.sampled_from(["IMAGE", "VIDEO"]),
    "toolTypes": some.lists(some.sampled_from(LABELS[1:]), max_size=2),
    "models": some.lists(some.sampled_from(LABELS[1:]), max_size=2),
    "starred": some.booleans(),
    "edits": some.booleans(),
    "shots": some.lists(some.integers(0, 2), max_size=2),
    "noShot": some.booleans(),
    "positioned": some.booleans(),
    "search": some.sampled_from(TYPED),
    "run": some.integers(0, 1),
    "task": some.integers(0, 1),
    "parent": indexes,
    "includeChildren": some.booleans(),
    "createdAfter": moments.map(datetime.isoformat),
    "createdBefore": moments.map(datetime.isoformat),
    "hasUnviewedVariants": some.booleans(),
}
alone = some.sampled_from(sorted(conditions)).flatmap(
    lambda name: some.fixed_dictionaries({name: conditions[name] | some.none()})
)
pairs = some.tuples(alone, alone).map(lambda two: two[0] | two[1])
filters = some.recursive(
    some.just({}) | alone | pairs,
    lambda inner: some.tuples(
        some.just({}) | alone,
        some.fixed_dictionaries({"and": some.lists(inner, max_size=2)})
        | some.fixed_dictionaries({"or": some.lists(inner, max_size=3)})
        | some.fixed_dictionaries({"not": inner}),
    ).map(lambda two: two[0] | two[1]),
    max_leaves=5,
)
orders = some.sampled_from(ORDERS)
sizes = some.integers(0, 5)
pages = some.lists(
    some.one_of(
        some.fixed_dictionaries({"first": sizes}, optional={"after": indexes, "before": indexes}),
        some.fixed_dictionaries({"last": sizes}, optional={"after": indexes, "before": indexes}),
        some.fixed_dictionaries({}, optional={"after": indexes, "before": indexes}),
        some.fixed_dictionaries({"first": sizes, "around": indexes}),
        some.fixed_dictionaries({"first": sizes, "offset": some.integers(0, 9)}),
    ),
    min_size=3,
    max_size=5,
)
questions = some.lists(
    some.tuples(filters, orders, pages, some.integers(0, 4)), min_size=2, max_size=3
)


class Galleries:
    """Two projects and three shots filled as drawn, asked at once and one by one."""

    def __init__(self, studio: Studio, asking: Asking, drawn: list[dict[str, Any]]) -> None:
        self.studio, self.asking = studio, asking
        self.viewer = studio.user()
        self.projects = [studio.project(self.viewer) for _ in range(2)]
        self.shots = [studio.shot(self.projects[n // 2]) for n in range(3)]
        self.runs = [studio.insert("runs", project_id=project) for project in self.projects]
        studio.owner.execute(TASK_TYPE)
        kind = {"task_type": "model"}
        self.tasks = [studio.insert("tasks", project_id=one, **kind) for one in self.projects]
        self.items: list[Item] = []
        ranks = sorted(one["id"] for one in drawn)
        fresh = sorted(str(uuid4()) for _ in drawn)
        with studio.owner.transaction():
            for one in drawn:
                self.add(one | {"id": fresh[ranks.index(one["id"])]})
            for item in self.items:
                self.take(item)

    def add(self, one: dict[str, Any]) -> None:
        """One generation as it was drawn."""
        takes, entries, place = one.pop("takes"), one.pop("entries"), one["project_id"]
        one["project_id"] = self.projects[place]
        one["run_id"] = self.runs[place] if one["run_id"] else None
        one["task_id"] = self.tasks[place] if one["task_id"] else None
        earlier = [item.id for item in self.items if item.project_id == self.projects[place]]
        for name in ("based_on", "parent_generation_id"):
            if one[name] is not None:
                one[name] = [*earlier, None][one[name] % (len(earlier) + 1)]
        item = Item(one, takes if one["location"] else [])
        self.studio.insert("generations", **one)
        self.items.append(item)
        for shot, placed in entries:
            if shot // 2 == place:
                self.place(item, self.shots[shot], placed)

    def place(self, item: Item, shot: str, placed: bool) -> None:
        """In a shot, behind what is there or waiting; the first ones come late."""
        frames = [each.frames.get(shot) for each in self.items]
        taken = [frame for frame in frames if frame is not None]
        frame = min([900, *taken]) - 7 if placed else None
        self.studio.entry(shot, item.id, frame)
        known = item.frames.get(shot)
        item.frames[shot] = frame if known is None or frame is not None else known

    def take(self, item: Item) -> None:
        """Its takes, looked at or not; the first is the one that it has anyway."""
        for viewed in item.takes[1:]:
            self.studio.variant(item.id, viewed_at=DAWN if viewed else None)
        if item.takes:
            self.studio.owner.execute(SEEN, ([item.id], [item.takes[0]]))

    def spelled(self, given: Filter) -> Filter:
        """The filter with ids for the numbers that were drawn."""
        items = [item.id for item in self.items]
        named: dict[str, Callable[[Any], Any]] = {
            "shots": lambda value: [self.shots[n] for n in value],
            "run": lambda value: self.runs[value],
            "task": lambda value: self.tasks[value],
            "parent": lambda value: items[value % len(items)],
            "and": lambda value: [self.spelled(each) for each in value],
            "or": lambda value: [self.spelled(each) for each in value],
            "not": self.spelled,
        }
        return {
            name: named[name](value) if name in named and value is not None else value
            for name, value in given.items()
        }

    def of(self, place: str) -> tuple[list[Item], str | None]:
        """What is in a project or may be in a shot, and the shot."""
        if place in self.shots:
            return self.items, place
        return [item for item in self.items if item.project_id == place], None

    async def check(self, given: Filter, order: dict[str, str], asked: Any, place: int) -> None:
        """The whole lists of all places, then pages of one of them, are as the model has them."""
        given = self.spelled(given)
        if order["by"] == "TIMELINE_FRAME" and len(given.get("shots") or ()) != 1:
            given["shots"] = [self.shots[place % 3]]
        chosen = {"filter": given, "order": order}
        ids = {"projects": self.projects, "shots": self.shots}
        answer = await self.asking(WHOLE, self.viewer, **ids, **chosen)
        cursors = {}
        for kind, parents in ids.items():
            for parent, found in zip(parents, answer[kind], strict=True):
                cursors[parent] = self.compare(parent, given, order, found)
        parent = [*self.projects, *self.shots][place]
        for page in asked:
            await self.turn(parent, page, chosen, cursors[parent])

    def compare(self, parent: str, given: Filter, order: dict[str, str], found: Any) -> Any:
        """A whole list, its total and its facets; gives the cursor of each item."""
        items, shot = self.of(parent)
        wanted = model.gallery(items, given, shot)
        frames = shot or (given.get("shots") or [""])[0]
        expected = model.ordered(wanted, order, frames)
        assert shown(found["generations"]) == (expected, False, False)
        assert found["generations"]["totalCount"] == {"value": len(expected), "exact": True}
        known = {node["id"]: node["shotData"] for node in found["generations"]["nodes"]}
        assert known == {item.id: item.frames for item in wanted}
        if shot is None:
            assert found["facets"] == model.facets(wanted)
        return {edge["node"]["id"]: edge["cursor"] for edge in found["generations"]["edges"]}

    async def check_shot(self) -> None:
        """All of a shot in every order, and what has a place in it."""
        shot = self.shots[0]
        answer = await self.asking(OF_SHOT, self.viewer, id=shot)
        wanted = model.gallery(self.items, {}, shot)
        for n, order in enumerate(ORDERS):
            ids = [node["id"] for node in answer["shot"][f"o{n}"]["nodes"]]
            assert ids == model.ordered(wanted, order, shot)
        for name, positioned in (("placed", True), ("waiting", False)):
            inside = model.gallery(self.items, {"positioned": positioned}, shot)
            ids = [node["id"] for node in answer["shot"][name]["nodes"]]
            assert ids == model.ordered(inside, ORDERS[0], shot)

    async def turn(
        self, parent: str, page: dict[str, Any], chosen: Any, cursors: dict[str, str]
    ) -> None:
        """One page; numbers stand for items of the list."""
        whole = list(cursors)
        meant = {
            name: whole[value % len(whole)] if name in (*EDGES, "around") else value
            for name, value in page.items()
            if whole or name not in (*EDGES, "around")
        }
        spelled = {n: cursors[v] if n in EDGES else v for n, v in meant.items()}
        place = "shot" if parent in self.shots else "project"
        query = ONE.replace("PLACE", place)
        answer = await self.asking(query, self.viewer, id=parent, **spelled, **chosen)
        assert shown(answer[place]["generations"]) == model.page(whole, meant)


def shown(found: Any) -> tuple[list[str], bool, bool]:
    """The ids of a page and whether there is more; nodes, edges and cursors agree."""
    ids = [node["id"] for node in found["nodes"]]
    assert [edge["node"]["id"] for edge in found["edges"]] == ids
    cursors = [edge["cursor"] for edge in found["edges"]] or [None]
    info = found["pageInfo"]
    assert [info["startCursor"], info["endCursor"]] == [cursors[0], cursors[-1]]
    return ids, info["hasPreviousPage"], info["hasNextPage"]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=drawn_items, asked=questions)
async def test_galleries_answer_as_the_model_does(
    studio: Studio, asking: Asking, drawn: list[dict[str, Any]], asked: Any
) -> None:
    galleries = Galleries(studio, asking, drawn)
    await galleries.check_shot()
    for question in asked:
        await galleries.check(*question)


@pytest.mark.prove
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=drawn_items, asked=questions)
async def test_galleries_answer_as_the_model_does_four_hundred_times(
    studio: Studio, asking: Asking, drawn: list[dict[str, Any]], asked: Any
) -> None:
    galleries = Galleries(studio, asking, drawn)
    await galleries.check_shot()
    for question in asked:
        await galleries.check(*question)
