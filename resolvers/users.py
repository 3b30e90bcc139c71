"""What is known of people beyond their columns."""

from dataclasses import dataclass
from typing import Any

from db import users
from db.errors import BadInput
from db.rows import Row
from db.writing import Writing
from resolvers import mutations
from resolvers.mutations import Outcome

LONGEST_WORD = 200


@dataclass(frozen=True)
class Onboarding:
    """How far somebody is in getting to know the application."""

    completed: bool
    current_step: str | None
    steps_completed: list[str]
    dismissed_tips: list[str]
    last_active_date: str | None


def onboarding(user: Row) -> Onboarding:
    """How far they are in getting to know the application."""
    kept = user.onboarding if isinstance(user.onboarding, dict) else {}
    return Onboarding(
        completed=kept.get("completed") is True,
        current_step=_text(kept.get("currentStep")),
        steps_completed=_texts(kept.get("stepsCompleted")),
        dismissed_tips=_texts(kept.get("dismissedTips")),
        last_active_date=_text(kept.get("lastActiveDate")),
    )


async def complete_step(
    session: Writing,
    step: str,
    next_step: str | None = None,
    is_last: bool = False,
    expected_version: int | None = None,
) -> Outcome:
    """Note that the viewer has done a step of their onboarding."""
    _check_word(step, "step")
    if next_step is not None:
        _check_word(next_step, "nextStep")
    done = users.OnboardingChange(step=step, next_step=next_step, is_last=is_last)
    return await _onboarded(session, done, expected_version)


async def dismiss_tip(session: Writing, tip: str, expected_version: int | None = None) -> Outcome:
    """Never show the viewer a tip again."""
    _check_word(tip, "tip")
    return await _onboarded(session, users.OnboardingChange(tip=tip), expected_version)


async def reset_onboarding(session: Writing, expected_version: int | None = None) -> Outcome:
    """Begin the viewer's onboarding anew."""
    return await _onboarded(session, users.OnboardingChange(), expected_version)


async def _onboarded(
    session: Writing, change: users.OnboardingChange, expected_version: int | None
) -> Outcome:
    viewer = await users.held(session)
    mutations.expect(viewer, expected_version, "user", {})
    await users.change_onboarding(session, change)
    return Outcome("ViewerChanged", {"user_id": viewer.id})


def _check_word(word: str, argument: str) -> None:
    if not 0 < len(word) <= LONGEST_WORD:
        raise BadInput(f"`{argument}` has 1 to {LONGEST_WORD} characters.", argument)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
