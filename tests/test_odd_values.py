"""Odd values that old writers left, or anybody may write, never stand in the way of reading."""

from typing import Any

import psycopg
import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from tests.asking import Asking
from tests.studio import Studio

ONBOARDING = """
{ viewer { onboarding { completed currentStep stepsCompleted dismissedTips lastActiveDate } } }
"""
SNAPSHOT = "query ($id: ID!) { run(id: $id) { settingsSnapshot } }"
FRAMED = """
query ($id: ID!, $end: OrderDirection) { shot(id: $id) {
  generations(order: {by: TIMELINE_FRAME, direction: $end}) { nodes { id } } } }
"""
LAST_FRAME = 2**31 - 1


@pytest.mark.parametrize("kept", [[1], "x", 3, None, {"stepsCompleted": 3, "currentStep": {}}])
async def test_onboarding_of_another_shape_has_not_begun(
    studio: Studio, asking: Asking, kept: Any
) -> None:
    viewer = studio.user(onboarding=Jsonb(kept))
    found = (await asking(ONBOARDING, viewer))["viewer"]["onboarding"]
    assert list(found.values()) == [False, None, [], [], None]


@pytest.mark.parametrize(("kept", "read"), [({"a": 1}, {"a": 1}), (None, {}), ([1], [1])])
async def test_a_snapshot_of_settings_is_read_as_it_is(
    studio: Studio, asking: Asking, kept: Any, read: Any
) -> None:
    viewer = studio.user()
    project = studio.project(viewer)
    run = studio.insert("runs", project_id=project, settings_snapshot=Jsonb(kept))
    assert (await asking(SNAPSHOT, viewer, id=run))["run"]["settingsSnapshot"] == read


async def test_the_very_last_frame_still_comes_before_what_has_none(
    studio: Studio, asking: Asking
) -> None:
    viewer = studio.user()
    project = studio.project(viewer)
    shot, made = studio.shot(project), [studio.generation(project) for _ in range(6)]
    for place, one in enumerate(made):
        studio.entry(shot, one, LAST_FRAME if place == 0 else None)
    for end in ("ASC", "DESC"):
        nodes = (await asking(FRAMED, viewer, id=shot, end=end))["shot"]["generations"]["nodes"]
        assert nodes[0] == {"id": made[0]}


@pytest.mark.parametrize("moment", ["infinity", "-infinity", "0044-03-15 BC", "10000-01-01 UTC"])
@pytest.mark.parametrize("table", ["generations", "shots", "runs"])
def test_moments_are_of_years_that_can_be_written(
    studio: Studio, owner: psycopg.Connection[Any], table: str, moment: str
) -> None:
    project = studio.project(studio.user())
    row = studio.insert(table, project_id=project, name="One")
    with pytest.raises(errors.CheckViolation, match="created_at_in_calendar"):
        owner.execute(f"update {table} set created_at = %s where id = %s", (moment, row))
