"""Facets of a gallery: how many there are of each kind."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.asking import Asking
from tests.studio import Studio

QUERY = """
query ($project: ID!, $filter: GalleryFilter) {
  project(id: $project) {
    facets(filter: $filter) {
      total
      mediaTypes { value count }
      toolTypes { value count }
      models { value count }
      starred { value count }
      unpositioned { value count }
      days { value count }
    }
  }
}
"""
MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)


class Gallery:
    """A project and the facets of its gallery, each as (value, count) pairs."""

    def __init__(self, asking: Asking, studio: Studio) -> None:
        self.asking, self.studio = asking, studio
        self.viewer = studio.user()
        self.project = studio.project(self.viewer)

    def add(self, **values: Any) -> str:
        return self.studio.generation(self.project, **values)

    async def facet(self, name: str, **given: Any) -> Any:
        answer = await self.asking(QUERY, self.viewer, project=self.project, filter=given)
        found = answer["project"]["facets"][name]
        return found if name == "total" else [(each["value"], each["count"]) for each in found]


@pytest.fixture
def gallery(asking: Asking, studio: Studio) -> Gallery:
    return Gallery(asking, studio)


async def test_media_types_are_counted(gallery: Gallery) -> None:
    for kind in (None, "image", "video/mp4"):
        gallery.add(type=kind)
    assert await gallery.facet("mediaTypes") == [("IMAGE", 2), ("VIDEO", 1)]


@pytest.mark.parametrize(("column", "name"), [("tool_type", "toolTypes"), ("model", "models")])
async def test_the_most_frequent_come_first_and_unknown_ones_not_at_all(
    gallery: Gallery, column: str, name: str
) -> None:
    for value in ("rare", "common", "common", "another", None):
        gallery.add(**{column: value})
    assert await gallery.facet(name) == [("common", 2), ("another", 1), ("rare", 1)]


async def test_starred_are_counted(gallery: Gallery) -> None:
    for starred in (True, False, False):
        gallery.add(starred=starred)
    assert await gallery.facet("starred") == [(False, 2), (True, 1)]


async def test_unpositioned_is_what_has_no_place_in_any_shot(gallery: Gallery) -> None:
    shot, other = gallery.studio.shot(gallery.project), gallery.studio.shot(gallery.project)
    placed, waiting = gallery.add(), gallery.add()
    gallery.add()
    gallery.studio.entry(shot, placed, 0)
    gallery.studio.entry(other, placed)
    gallery.studio.entry(shot, waiting)
    assert await gallery.facet("unpositioned") == [(True, 2), (False, 1)]
    assert await gallery.facet("total", positioned=False) == 2


async def test_days_are_those_of_utc_and_the_newest_first(gallery: Gallery) -> None:
    for seconds in (-1, 0, 1):
        gallery.add(created_at=MIDNIGHT + timedelta(seconds=seconds))
    assert await gallery.facet("days") == [("2026-03-01", 2), ("2026-02-28", 1)]


async def test_the_most_recent_366_days_are_counted(gallery: Gallery) -> None:
    for day in range(368):
        gallery.add(created_at=MIDNIGHT + timedelta(day))
    days = await gallery.facet("days")
    assert len(days) == 366
    assert days[0] == ("2027-03-03", 1)
    assert days[-1] == ("2026-03-03", 1)
    assert await gallery.facet("total") == 368


async def test_facets_are_of_the_filtered_gallery(gallery: Gallery) -> None:
    parent = gallery.add(model="one", starred=True)
    gallery.add(model="two")
    gallery.add(location=None)
    gallery.add(model="segment", parent_generation_id=parent)
    assert await gallery.facet("total") == 2
    assert await gallery.facet("models", starred=True) == [("one", 1)]
    assert await gallery.facet("models", search="nothing") == []
    assert await gallery.facet("models", parent=parent) == [("segment", 1)]


async def test_an_empty_gallery_has_empty_facets(gallery: Gallery) -> None:
    assert await gallery.facet("total") == 0
    assert await gallery.facet("starred") == []


async def test_facets_are_one_statement_however_many_are_asked(
    asking: Asking, gallery: Gallery
) -> None:
    gallery.add()
    answer = await asking(QUERY, gallery.viewer, project=gallery.project)
    assert len(answer.statements) == 3


async def test_only_the_facets_that_are_asked_are_counted(asking: Asking, gallery: Gallery) -> None:
    gallery.add(model="one")
    query = "query ($project: ID!) { project(id: $project) { facets { total } } }"
    answer = await asking(query, gallery.viewer, project=gallery.project)
    assert answer["project"]["facets"] == {"total": 1}
    assert "media_type" not in answer.statements[-1]


async def test_facets_of_several_projects_are_one_statement(
    asking: Asking, gallery: Gallery
) -> None:
    other = gallery.studio.project(gallery.viewer)
    gallery.add(model="one")
    gallery.studio.generation(other, model="two")
    query = """query ($a: ID!, $b: ID!) {
      a: project(id: $a) { facets { total models { value } } }
      b: project(id: $b) { facets { total models { value } } } }"""
    answer = await asking(query, gallery.viewer, a=gallery.project, b=other)
    assert answer["a"]["facets"] == {"total": 1, "models": [{"value": "one"}]}
    assert answer["b"]["facets"] == {"total": 1, "models": [{"value": "two"}]}
    assert len(answer.statements) == 3
