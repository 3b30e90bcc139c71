"""Projects in which parents have nothing, one, or many of everything, with equal moments."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg

from tests.studio import Studio

MANY = 8
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_SEEN = "update generation_variants set viewed_at = null where location like '%%5.png'"
_TYPE = "insert into task_types (name, display_name) values ('uneven', '') on conflict do nothing"
_TABLES = {
    "Generation": "generations",
    "Variant": "generation_variants",
    "Shot": "shots",
    "ShotEntry": "shot_generations",
    "Run": "runs",
    "Task": "tasks",
    "Member": "project_members",
    "Invitation": "project_invitations",
    "Asset": "assets",
}


class Uneven:
    """A viewer with a large project, a small one and empty ones; parents by kind."""

    def __init__(self, owner: psycopg.Connection[Any]) -> None:
        self.studio = Studio(owner)
        self.viewer = self.studio.user()
        owner.execute(_TYPE)
        self.ids: dict[str, list[str]] = {"User": [self.viewer]}
        self.made = 0
        projects = [self.studio.project(self.viewer, **self.moment()) for _ in range(MANY)]
        with owner.transaction():
            self.fill(projects[0], MANY)
            self.fill(projects[1], 3)
            owner.execute(_SEEN)
        self.ids["Project"] = projects
        for _ in range(MANY):
            project = self.studio.project(self.studio.user(), name="Theirs")
            self.invite(project, f"{self.viewer}@example.org")
        for kind, table in _TABLES.items():
            text: Any = f"select id::text from {table} where project_id = any (%s) order by id"
            found = [one for (one,) in owner.execute(text, (projects,)).fetchall()]
            first = self.ids.get(kind, [])
            self.ids[kind] = [*first, *(one for one in found if one not in first)]

    def parents(self, kind: str) -> list[str]:
        """Some of a kind, those with the most first."""
        return self.ids[kind][:12]

    def fill(self, project: str, many: int) -> None:
        """So many of everything for the first, one for the second, nothing for the third."""
        studio = self.studio
        runs = [self.insert("runs", project, name=f"{n}") for n in range(many)]
        for n in range(many):
            self.insert("project_members", project, user_id=studio.user(name=f"{n}"), role="editor")
            self.invite(project, f"{n}@example.org")
        task = self.insert("tasks", project, task_type="uneven", params={"a": [1]})
        for status in ("pending", "ready", "failed"):
            self.upload(project, status)
        shots = [self.insert("shots", project, name=f"{n}") for n in range(many)]
        roots = [self.make(project, run_id=runs[0], task_id=task, prompt="a fox") for _ in range(3)]
        videos = [self.make(project, type="video/mp4") for _ in range(3)]
        linked: list[str] = []
        for place, number in enumerate((many, 1, 0)):
            for n in range(number):
                linked += self.use(project, roots[place], videos[place], shots[place], n)
                self.make(project, run_id=runs[place], location=None if n == 2 else "media/a.png")
        studio.owner.execute(
            "update projects set thumbnail_generation_id = %s where id = %s", (roots[0], project)
        )
        some = [*roots, *videos[:2], *linked[2:4]]
        for kind, made in (("Generation", some), ("Shot", shots[:4]), ("Run", runs[:4])):
            self.ids.setdefault(kind, []).extend(made)

    def use(self, project: str, root: str, video: str, shot: str, n: int) -> list[str]:
        """One more edit of a root, segment of a video and place in a shot; gives the first two."""
        edit = self.make(project, based_on=root, starred=n % 2 == 0, name=None if n % 3 else f"{n}")
        take = {"location": f"media/{n}.png", "starred": n % 3 == 0}
        self.studio.variant(root, **take, **self.moment())
        start = self.enter(shot, root, n * 10 if n != 3 else None)
        self.enter(shot, self.make(project, type=None), n * 10 + 5, {"pair_prompt": f"{n}"})
        self.enter(shot, self.make(project, type="video_travel_output"), None)
        if n == 0:
            self.enter(shot, video, 7)
        tether = start if n % 2 else None
        links = {"parent_generation_id": video, "pair_shot_generation_id": tether}
        order = n // 2 if n else None
        return [edit, self.make(project, type="video", child_order=order, **links)]

    def make(self, project: str, **values: Any) -> str:
        """A generation."""
        self.made += 1
        return self.studio.generation(project, **{**self.moment(), **values})

    def insert(self, table: str, project: str, **values: Any) -> str:
        """A row of a project."""
        self.made += 1
        return self.studio.insert(table, project_id=project, **{**self.moment(), **values})

    def invite(self, project: str, address: str) -> None:
        """An invitation that holds for long."""
        until = datetime(9999, 1, 1, tzinfo=UTC)
        given = {"email": address, "role": "viewer", "expires_at": until}
        self.insert("project_invitations", project, **given)

    def upload(self, project: str, status: str) -> None:
        """A file on its way in."""
        own = str(uuid4())
        kept = {"key": f"{project}/{own}.png", "content_type": "image/png", "size": 2**40}
        late = {"upload_expires_at": NOON, "uploader": self.viewer, "filename": "fox.png"}
        self.insert("assets", project, id=own, status=status, **kept, **late)

    def enter(self, shot: str, generation: str, frame: int | None, metadata: Any = None) -> str:
        """A place in a shot."""
        self.made += 1
        values = {"metadata": metadata or {}, **self.moment()}
        return self.studio.entry(shot, generation, frame, **values)

    def moment(self) -> dict[str, datetime]:
        """A moment that others share."""
        return {"created_at": NOON + timedelta(microseconds=self.made // 9)}
