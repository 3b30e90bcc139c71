"""Who asks."""

import strawberry

from db import events, invitations, projects
from db import users as people
from engine.declarations import column, resolved_by
from engine.relations import paged_by, picked_by
from resolvers import revisions, settings, users
from schema import refs
from schema.fields import Node, outcome, rows
from schema.mutations import changed_by, expected, one_by
from schema.revisions import EXPECTED, PATCH, REASON, UNSET_WORDS
from schema.scalars import JSON, DateTime

VERSION = expected("viewer")


@strawberry.type(description="How far somebody is in getting to know the application.")
class Onboarding:
    completed: bool = column("Whether it is over.")
    current_step: str | None = column("The step that is shown now.")
    steps_completed: list[str] = column("The steps that are done, in the order of doing.")
    dismissed_tips: list[str] = column("The tips that are not to be shown again.")
    last_active_date: str | None = column("When they were last seen, in ISO 8601.")


@rows("user", "Somebody who makes images and videos.")
class User(Node):
    id: strawberry.ID = column("Their UUID, the subject of their tokens.")
    email: str | None = column("Their e-mail address.")
    name: str | None = column("What they are called.")
    avatar_url: str | None = column("Where their picture is.")
    onboarding: Onboarding = resolved_by(users.onboarding, reads=("onboarding",))
    version: int = column("Goes up by one whenever they change it.")
    created_at: DateTime = column("When they first came.")
    updated_at: DateTime = column("When they last changed it.")
    cursor: str = picked_by(
        events.cursor,
        key="id",
        pick="cursor",
        description="Where the feed of what is theirs alone stands, as of this very answer.",
    )
    projects: refs.ProjectConnection = paged_by(
        projects.by_member, key="id", count=projects.count_by_member
    )
    invitations: refs.InvitationConnection = paged_by(
        invitations.by_viewer, key="id", count=invitations.count_by_viewer
    )
    ui_state: JSON = picked_by(
        settings.ui_state,
        key="id",
        pick="value",
        description="How they left the application: what holds for the tool `ui` for them.",
    )


@outcome("Something of the viewer's own was changed.")
class ViewerChanged:
    viewer: refs.User | None = one_by(people.by_id, "user_id", "The viewer as they are now.")


@strawberry.type
class ViewerMutations:
    update_ui_state = changed_by(
        revisions.update_ui_state,
        "UpdateUiState",
        ViewerChanged,
        {"patch": PATCH, "unset": UNSET_WORDS, "expected_version": EXPECTED},
        REASON,
    )
    complete_onboarding_step = changed_by(
        users.complete_step,
        "CompleteOnboardingStep",
        ViewerChanged,
        {
            "step": "The step that is done.",
            "next_step": "The step to show now; none when it is left out.",
            "is_last": "Whether the onboarding is over with it.",
            "expected_version": VERSION,
        },
        "onboarding-update",
    )
    dismiss_tip = changed_by(
        users.dismiss_tip,
        "DismissTip",
        ViewerChanged,
        {"tip": "The tip that is not to be shown again.", "expected_version": VERSION},
        "onboarding-update",
    )
    reset_onboarding = changed_by(
        users.reset_onboarding,
        "ResetOnboarding",
        ViewerChanged,
        {"expected_version": VERSION},
        "onboarding-update",
    )
