"""The person at this machine, in whose name everything is done that names nobody else."""

from typing import Any
from uuid import UUID

USER_ID = "11111111-1111-4111-8111-111111111111"
USER_NAME = "You"


def claims(user_id: str) -> dict[str, Any]:
    """What a token of this person would say."""
    try:
        subject = str(UUID(user_id))
    except ValueError as error:
        raise ValueError("The user must be a UUID.") from error
    name = name_of(subject)
    profile = {"user_metadata": {"name": name}} if name else {}
    return {"sub": subject, "role": "authenticated", **profile}


def name_of(user_id: str) -> str | None:
    """What this person is called, as far as this machine knows."""
    return USER_NAME if user_id.lower() == USER_ID else None
