"""What the viewer keeps for themselves: how far they are, and how they left the application."""

import asyncio
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.asking import Asking
from tests.studio import Studio

MUTATION = """
mutation ($input: NAME!) {{ {field}(input: $input) {{
  __typename
  ... on ViewerChanged {{ viewer {{ version uiState onboarding {{
    completed currentStep stepsCompleted dismissedTips lastActiveDate }} }} }}
  ... on Problem {{ code }}
  ... on ValidationFailed {{ issues {{ argument }} }}
  ... on Conflict {{ changedFields current {{ ... on User {{ id version }} }} }}
}} }}
"""


class Viewer:
    """Somebody who gets to know the application."""

    def __init__(self, asking: Asking, studio: Studio, **values: Any) -> None:
        self.asking = asking
        self.id = studio.user(**values)

    async def told(self, field: str, **given: Any) -> Any:
        """What a mutation came to."""
        name = f"{field[0].upper()}{field[1:]}Input"
        text = MUTATION.replace("NAME", name).format(field=field)
        return (await self.asking(text, self.id, input=given))[field]

    async def onboarding(self, field: str, **given: Any) -> Any:
        """How far they are after a mutation."""
        found = (await self.told(field, **given))["viewer"]["onboarding"]
        assert found.pop("lastActiveDate").endswith("Z")
        return found


@pytest.fixture
def viewer(asking: Asking, studio: Studio) -> Viewer:
    return Viewer(asking, studio)


async def test_steps_are_completed_one_after_another(viewer: Viewer) -> None:
    await viewer.onboarding("completeOnboardingStep", step="welcome", nextStep="profile")
    middle = await viewer.onboarding("completeOnboardingStep", step="profile", nextStep="tour")
    assert middle == {
        "completed": False,
        "currentStep": "tour",
        "stepsCompleted": ["welcome", "profile"],
        "dismissedTips": [],
    }
    last = await viewer.onboarding("completeOnboardingStep", step="tour", isLast=True)
    assert (last["completed"], last["currentStep"]) == (True, None)
    again = await viewer.onboarding("completeOnboardingStep", step="welcome")
    assert again["completed"] is True
    assert again["stepsCompleted"] == ["welcome", "profile", "tour"]


async def test_a_tip_is_dismissed_once(viewer: Viewer) -> None:
    for tip in ("locks", "shots", "locks"):
        found = await viewer.onboarding("dismissTip", tip=tip)
    assert found["dismissedTips"] == ["locks", "shots"]


async def test_it_can_begin_anew(viewer: Viewer) -> None:
    await viewer.onboarding("dismissTip", tip="locks")
    await viewer.onboarding("completeOnboardingStep", step="welcome", isLast=True)
    assert await viewer.onboarding("resetOnboarding") == {
        "completed": False,
        "currentStep": None,
        "stepsCompleted": [],
        "dismissedTips": [],
    }


async def test_steps_and_tips_at_the_same_time_all_survive(viewer: Viewer) -> None:
    await asyncio.gather(
        *(viewer.told("dismissTip", tip=f"{n}") for n in range(8)),
        *(viewer.told("completeOnboardingStep", step=f"{n}") for n in range(8)),
    )
    found = await viewer.onboarding("dismissTip", tip="0")
    assert sorted(found["dismissedTips"]) == sorted(found["stepsCompleted"])
    assert len(found["dismissedTips"]) == 8


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("completeOnboardingStep", {"step": "x"}),
        ("dismissTip", {"tip": "x"}),
        ("resetOnboarding", {}),
    ],
)
async def test_another_version_than_expected_is_a_conflict(
    viewer: Viewer, field: str, given: dict[str, Any]
) -> None:
    first = await viewer.told(field, **given, expectedVersion=1)
    second = await viewer.told(field, **given, expectedVersion=1)
    assert first["viewer"]["version"] == 2
    assert second["code"] == "CONFLICT"
    assert second["current"] == {"id": viewer.id, "version": 2}


@pytest.mark.parametrize(
    ("field", "argument"),
    [("completeOnboardingStep", "step"), ("dismissTip", "tip")],
)
@pytest.mark.parametrize("word", ["", "x" * 201, "a\0"])
async def test_words_that_cannot_be_kept_name_their_argument(
    viewer: Viewer, field: str, argument: str, word: str
) -> None:
    told = await viewer.told(field, **{argument: word})
    assert told["issues"] == [{"argument": f"input.{argument}"}]


async def test_whatever_was_kept_before_is_no_hindrance(
    asking: Asking, studio: Studio, owner: psycopg.Connection
) -> None:
    odd: tuple[Any, ...] = ([], {"stepsCompleted": 1, "completed": "yes", "theirs": 1})
    for kept in odd:
        viewer = Viewer(asking, studio, onboarding=kept)
        found = await viewer.onboarding("completeOnboardingStep", step="welcome")
        assert found["stepsCompleted"] == ["welcome"]
    row = owner.execute("select onboarding from users where id = %s", (viewer.id,)).fetchone()
    assert row is not None
    assert row[0]["theirs"] == 1


async def test_the_state_of_the_interface_is_settings_of_the_tool_ui(
    asking: Asking, studio: Studio
) -> None:
    kept = {"ui": {"theme": "dark", "paneLocks": {"gens": True}}}
    viewer = Viewer(asking, studio, settings=Jsonb(kept))
    told = await viewer.told(
        "updateUiState", patch={"paneLocks": {"shots": True}}, unset=["/theme"]
    )
    assert told["viewer"]["uiState"] == {"paneLocks": {"gens": True, "shots": True, "tasks": True}}
    conflict = await viewer.told("updateUiState", patch={"theme": "light"}, expectedVersion=0)
    assert conflict["changedFields"] == ["/theme"]
