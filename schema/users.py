"""Who asks."""

import strawberry

from db import projects
from engine.declarations import column, resolved_by
from engine.relations import paged_by
from resolvers import users
from schema import refs
from schema.fields import Node, rows
from schema.scalars import DateTime


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
    projects: refs.ProjectConnection = paged_by(
        projects.by_member, key="id", count=projects.count_by_member
    )
