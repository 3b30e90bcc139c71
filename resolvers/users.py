"""What is known of people beyond their columns."""

from dataclasses import dataclass
from typing import Any

from db.rows import Row


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


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
