"""Filters of a gallery: each condition, how they combine, and what is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.asking import Answer, Asking
from tests.studio import Studio

QUERY = """
query ($project: ID!, $filter: GalleryFilter) {
  project(id: $project) {
    generations(filter: $filter, order: {by: NAME}) {
      nodes { name }
      totalCount { value }
    }
    facets(filter: $filter) { total }
  }
}
"""
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Gallery:
    """A project with one generation for each letter, and what a filter finds of it."""

    def __init__(self, asking: Asking, studio: Studio) -> None:
        self.asking, self.studio = asking, studio
        self.viewer = studio.user()
        self.project = studio.project(self.viewer)

    def add(self, name: str, **values: Any) -> str:
        return self.studio.generation(self.project, name=name, **values)

    async def ask(self, given: dict[str, Any]) -> Answer:
        return await self.asking(QUERY, viewer=self.viewer, project=self.project, filter=given)

    async def find(self, **given: Any) -> str:
        """The names of what passes, joined; list, total and facets must agree."""
        found = (await self.ask(given))["project"]
        names = [node["name"] for node in found["generations"]["nodes"]]
        assert found["generations"]["totalCount"]["value"] == len(names)
        assert found["facets"]["total"] == len(names)
        return " ".join(names)

    async def refused(self, **given: Any) -> tuple[str, str | None]:
        problem = (await self.ask(given)).errors[0].original_error
        return problem.code, problem.argument


@pytest.fixture
def gallery(asking: Asking, studio: Studio) -> Gallery:
    return Gallery(asking, studio)


async def test_media_types_are_told_from_any_type_text(gallery: Gallery) -> None:
    for name, kind in (("a", None), ("b", "image"), ("c", "image/png"), ("d", "video/mp4")):
        gallery.add(name, type=kind)
    gallery.add("e", type="video_travel_output")
    assert await gallery.find(mediaType="IMAGE") == "a b c"
    assert await gallery.find(mediaType="VIDEO") == "d e"


@pytest.mark.parametrize(("column", "argument"), [("tool_type", "toolTypes"), ("model", "models")])
async def test_tools_and_models_are_one_of_several(
    gallery: Gallery, column: str, argument: str
) -> None:
    for name, value in (("a", "one"), ("b", "two"), ("c", "three"), ("d", None)):
        gallery.add(name, **{column: value})
    assert await gallery.find(**{argument: ["one"]}) == "a"
    assert await gallery.find(**{argument: ["three", "one"]}) == "a c"
    assert await gallery.find(**{argument: []}) == ""
    assert await gallery.find(**{"not": {argument: ["one"]}}) == "b c d"


async def test_starred_and_not_starred(gallery: Gallery) -> None:
    gallery.add("a", starred=True)
    gallery.add("b")
    assert await gallery.find(starred=True) == "a"
    assert await gallery.find(starred=False) == "b"


async def test_edits_are_what_was_made_from_something(gallery: Gallery) -> None:
    origin = gallery.add("a")
    gallery.add("b", based_on=origin)
    assert await gallery.find(edits=True) == "b"
    assert await gallery.find(edits=False) == "a"


async def test_shots_are_one_of_several_or_none(gallery: Gallery) -> None:
    first, second, third = (gallery.studio.shot(gallery.project) for _ in range(3))
    gallery.studio.entry(first, gallery.add("a"), 0)
    both = gallery.add("b")
    gallery.studio.entry(first, both)
    gallery.studio.entry(second, both, 0)
    gallery.studio.entry(third, gallery.add("c"))
    gallery.add("d")
    assert await gallery.find(shots=[first]) == "a b"
    assert await gallery.find(shots=[second, third]) == "b c"
    assert await gallery.find(shots=[]) == ""
    assert await gallery.find(noShot=True) == "d"
    assert await gallery.find(noShot=False) == "a b c"


async def test_positioned_is_meant_within_the_shots_that_are_named(gallery: Gallery) -> None:
    shot, other = gallery.studio.shot(gallery.project), gallery.studio.shot(gallery.project)
    placed, waiting = gallery.add("placed"), gallery.add("waiting")
    gallery.studio.entry(shot, placed, 0)
    gallery.studio.entry(shot, placed)
    gallery.studio.entry(shot, waiting)
    gallery.studio.entry(other, waiting, 0)
    gallery.add("nowhere")
    assert await gallery.find(shots=[shot], positioned=True) == "placed"
    assert await gallery.find(shots=[shot], positioned=False) == "waiting"
    assert await gallery.find(shots=[shot], **{"or": [{"positioned": False}]}) == "waiting"
    assert await gallery.find(shots=[shot, other], positioned=False) == ""
    assert await gallery.find(positioned=True) == "placed waiting"
    assert await gallery.find(positioned=False) == "nowhere"


async def test_search_folds_the_letters_that_the_database_folds(gallery: Gallery) -> None:
    gallery.add("a", prompt="über den bergen")
    found = gallery.studio.owner.execute("select lower('Ü') = 'ü'").fetchone()
    assert await gallery.find(search="BERGEN") == "a"
    assert await gallery.find(search="ÜBER") == ("a" if found == (True,) else "")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("red", "a b"),
        ("RED fox", "a"),
        ("fox red", "a"),
        ("re", "a b"),
        ("fo", "a d"),
        ("ox", ""),
        ("re fox", ""),
        ("castle", "castle_v2.png"),
        ("castle v2 png", "castle_v2.png"),
        ("v2", "castle_v2.png"),
        ("foggy-mountain", "d"),
        ("mountain", "d"),
        ("detail", "d"),
        ("schnee", "c"),
        ("", "a b c castle_v2.png d"),
        ("  ", "a b c castle_v2.png d"),
        ("!?", "a b c castle_v2.png d"),
    ],
)
async def test_search_finds_whole_words_and_the_beginning_of_the_last(
    gallery: Gallery, typed: str, expected: str
) -> None:
    gallery.add("a", prompt="a red fox")
    gallery.add("b", prompt="Red, wolf")
    gallery.add("c", prompt="schneewittchen über den bergen")
    gallery.add("d", prompt="foggy-mountain, (foxglove:1.2) <lora:add-detail:0.8>")
    gallery.add("castle_v2.png")
    assert await gallery.find(search=typed) == expected


async def test_a_search_never_finds_the_project_itself(gallery: Gallery) -> None:
    gallery.add("z", prompt="zebra")
    first, *_, last = gallery.project.split("-")
    for typed in (first[0], first[:4], first, last, gallery.project, f"#{first[:4]}"):
        assert await gallery.find(search=typed) == ""


@pytest.mark.parametrize(
    "typed",
    [
        *"' \" \\ & | ! ( ) : * < > - % _ ;".split(),
        "'", "''", "a'b", "a & ", "| b", "!", "a:*", "'a':*B", "(((", "a <-> b", "<2>", "\\'",
        "-- drop table", "$1", "%s", "{}", "\u200b", "\ufeff", "🎨", "漢字", "a" * 1000,
        "é" * 1000, "🎨" * 1000, "a " * 500, "http://x.y/z?q=1#f", "a@b.c", "1e9", "-1.5",
        "<b>", "&amp;", "\ud83d\udc68\u200d", "/usr/bin", "\t\n\r", "0x1F", "a_b-c.d",
    ],
)  # fmt: skip
async def test_whatever_is_typed_is_never_a_syntax_error(gallery: Gallery, typed: str) -> None:
    gallery.add("a", prompt="a")
    answer = await gallery.ask({"search": typed})
    if "\ud83d" not in typed:
        assert not answer.errors
        return
    assert answer.errors[0].original_error.code == "BAD_USER_INPUT"


@pytest.mark.parametrize("typed", ["a\0b", "\ud800", "x" * 1001])
async def test_what_cannot_be_text_is_refused(gallery: Gallery, typed: str) -> None:
    assert await gallery.refused(search=typed) == ("BAD_USER_INPUT", "filter.search")


async def test_run_task_and_parent_are_named_by_id(gallery: Gallery) -> None:
    run = gallery.studio.insert("runs", project_id=gallery.project)
    kind = str(uuid4())
    gallery.studio.owner.execute(
        "insert into task_types (name, run_type, category, display_name, billing_type)"
        " values (%s, 'api', 'generation', 'Task', 'per_unit')",
        (kind,),
    )
    task = gallery.studio.insert("tasks", project_id=gallery.project, task_type=kind)
    gallery.add("a", run_id=run)
    gallery.add("b", task_id=task)
    assert await gallery.find(run=run) == "a"
    assert await gallery.find(task=task) == "b"
    assert await gallery.find(run=str(uuid4())) == ""


async def test_children_come_when_they_are_asked_for(gallery: Gallery) -> None:
    parent, other = gallery.add("a"), gallery.add("b")
    gallery.add("child of a", parent_generation_id=parent, starred=True)
    gallery.add("child of b", parent_generation_id=other)
    gallery.add("unfinished", parent_generation_id=parent, location=None)
    assert await gallery.find() == "a b"
    assert await gallery.find(parent=parent) == "child of a"
    assert await gallery.find(includeChildren=True) == "a b child of a child of b"
    assert await gallery.find(includeChildren=False) == "a b"
    assert await gallery.find(includeChildren=True, starred=True) == "child of a"
    assert await gallery.find(**{"not": {"parent": parent}}) == "a b"
    assert await gallery.find(**{"or": [{"parent": parent}, {"parent": other}]}) == (
        "child of a child of b"
    )


async def test_created_between_takes_in_its_beginning_alone(gallery: Gallery) -> None:
    for hour, name in enumerate("abc"):
        gallery.add(name, created_at=NOON + timedelta(hours=hour))
    one, two = NOON + timedelta(hours=1), NOON + timedelta(hours=2)
    assert await gallery.find(createdAfter=one.isoformat()) == "b c"
    assert await gallery.find(createdBefore=one.isoformat()) == "a"
    assert await gallery.find(createdAfter=one.isoformat(), createdBefore=two.isoformat()) == "b"


async def test_moments_count_at_their_own_offset(gallery: Gallery) -> None:
    gallery.add("a", created_at=NOON)
    assert await gallery.find(createdAfter="2026-03-01T14:00:00+02:00") == "a"
    assert await gallery.find(createdBefore="0001-01-01T00:00:00+14:00") == ""


async def test_unviewed_variants_are_those_nobody_has_looked_at(gallery: Gallery) -> None:
    studio = gallery.studio
    seen, unseen = gallery.add("seen"), gallery.add("unseen")
    studio.owner.execute("update generation_variants set viewed_at = now()")
    studio.variant(seen, viewed_at=NOON)
    studio.variant(unseen)
    assert await gallery.find(hasUnviewedVariants=True) == "unseen"
    assert await gallery.find(hasUnviewedVariants=False) == "seen"


async def test_conditions_combine(gallery: Gallery) -> None:
    gallery.add("a", starred=True, model="one", tool_type="x")
    gallery.add("b", starred=True, model="two")
    gallery.add("c", model="one")
    gallery.add("d")
    one, two = {"models": ["one"]}, {"models": ["two"]}
    assert await gallery.find(starred=True, models=["one"]) == "a"
    assert await gallery.find(**{"and": [{"starred": True}, one]}) == "a"
    assert await gallery.find(**{"or": [two, {"toolTypes": ["x"]}]}) == "a b"
    assert await gallery.find(starred=True, **{"or": [one, two]}) == "a b"
    assert await gallery.find(**{"not": {"or": [one, two]}}) == "d"
    assert await gallery.find(**{"not": {"not": one}}) == "a c"
    assert await gallery.find(**{"and": [{"not": {"starred": True}}, {"not": {}}]}) == ""
    assert await gallery.find(**{"or": []}) == ""
    assert await gallery.find(**{"and": []}) == "a b c d"
    assert await gallery.find(**{"or": [{}, one]}) == "a b c d"


async def test_null_is_no_condition(gallery: Gallery) -> None:
    gallery.add("a")
    assert await gallery.find(starred=None, shots=None, search=None, **{"or": None}) == "a"


async def test_fifty_conditions_are_the_most(gallery: Gallery) -> None:
    gallery.add("a")
    assert await gallery.find(**{"or": [{"starred": False}] * 25}) == "a"
    assert await gallery.refused(**{"or": [{"starred": False}] * 26}) == (
        "BAD_USER_INPUT",
        "filter",
    )


async def test_depth_counts_as_conditions(gallery: Gallery) -> None:
    assert await gallery.find(**nested(50)) == ""
    assert await gallery.refused(**nested(51)) == ("BAD_USER_INPUT", "filter")


async def test_a_condition_names_so_many_values_at_most(gallery: Gallery) -> None:
    assert await gallery.find(models=["x"] * 500) == ""
    assert await gallery.refused(models=["x"] * 501) == ("BAD_USER_INPUT", "filter")


@pytest.mark.parametrize("argument", ["run", "task", "parent"])
async def test_ids_are_uuids(gallery: Gallery, argument: str) -> None:
    assert await gallery.refused(**{argument: "x"}) == ("BAD_USER_INPUT", f"filter.{argument}")
    assert await gallery.refused(shots=["x"]) == ("BAD_USER_INPUT", "filter.shots")


async def test_what_is_refused_is_named_as_it_was_written(gallery: Gallery) -> None:
    refused = await gallery.refused(**{"or": [{"toolTypes": ["a\0"]}]})
    assert refused == ("BAD_USER_INPUT", "filter.or[0].toolTypes")


async def test_the_images_of_a_shot_are_found_without_reading_its_entries(
    gallery: Gallery,
) -> None:
    shot = gallery.studio.shot(gallery.project)
    given = {"shots": [shot], "positioned": False, "or": [{"noShot": False}, {"search": "x"}]}
    answer = await gallery.ask(given)
    assert not answer.errors
    assert "shot_generations" not in " ".join(answer.statements)


def nested(depth: int) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for _ in range(depth):
        given = {"not": given}
    return given
