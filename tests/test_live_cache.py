"""A cache that only applies events shows what a fresh query shows, whatever happens."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from psycopg import sql

from tests.gateways import Running
from tests.mirror import ALL, LIVE, Key, Mirror, told, written
from tests.studio import Studio
from tests.talking import Talk, talking

STEPS = 40
LONG_STEPS = 500
MANY = 260

ANSWERS = {
    "renameGeneration": "GenerationChanged { generation { ...G } }",
    "patchGenerationParams": "GenerationChanged { generation { ...G } }",
    "starGenerations": "GenerationsChanged { generations { ...G } }",
    "deleteGenerations": "GenerationsDeleted { deletedIds }",
    "setPrimaryVariant": "VariantChanged { variant { ...V } generation { ...G } }",
    "renameVariant": "VariantChanged { variant { ...V } generation { ...G } }",
    "starVariant": "VariantChanged { variant { ...V } generation { ...G } }",
    "markVariantsViewed": "VariantsChanged { variants { ...V } }",
    "markAllVariantsViewed": "GenerationChanged { generation { ...G } }",
    "deleteVariant": "VariantDeleted { deletedId generation { ...G } }",
    "createShot": "ShotCreated { shot { ...S } shots { ...S } }",
    "duplicateShot": "ShotCreated { shot { ...S } shots { ...S } }",
    "updateShot": "ShotChanged { shot { ...S } }",
    "moveShot": "ShotsMoved { shots { ...S } }",
    "deleteShots": "ShotsDeleted { deletedIds shots { ...S } }",
    "createRun": "RunCreated { run { ...R } }",
    "renameRun": "RunChanged { run { ...R } }",
    "updateProject": "ProjectChanged { project { ...P } }",
    "updateToolSettings": "ToolSettingsChanged { settings { layers { shot { value version } } } }",
}
# What they are about; that there is none of it makes another one be tried.
ABOUT = {
    "Project": ("createShot", "createRun", "updateProject"),
    "Run": ("renameRun",),
    "Shot": ("duplicateShot", "updateShot", "moveShot", "deleteShots", "updateToolSettings"),
    "Generation": (
        "renameGeneration",
        "patchGenerationParams",
        "starGenerations",
        "deleteGenerations",
        "markAllVariantsViewed",
    ),
    "Variant": (
        "setPrimaryVariant",
        "renameVariant",
        "starVariant",
        "markVariantsViewed",
        "deleteVariant",
    ),
}


class Play:
    """A project in which anything may happen next, and somebody who follows it."""

    def __init__(self, gateway: Running, studio: Studio, chance: Random) -> None:
        self.gateway, self.studio, self.chance = gateway, studio, chance
        self.user = studio.user()
        self.project = studio.project(self.user)
        self.many: list[str] = []
        self.seen = 0
        for _ in range(3):
            self.insert()
        self.mirror = Mirror(self.load)

    def load(self, known: list[str]) -> Any:
        """All that is there, and what is left of the generations that somebody knows."""
        return self.gateway.ask(ALL, self.user, id=self.project, known=known)

    async def step(self, talk: Talk) -> None:
        """Something happens; then the cache shows what is there, and what mutations have told."""
        act = self.chance.choice([self.mutate, self.mutate, self.write])
        check = act()
        fresh, cursor = self.mirror.loaded()
        await self.mirror.follow(talk, cursor)
        assert self.mirror.objects == fresh
        if check:
            check()

    def mutate(self) -> Callable[[], None] | None:
        """Some mutation of something, and what is to be so when its event was heard."""
        kind = self.chance.choice(list(ABOUT))
        ids = self._ids(kind)
        if not ids:
            return None
        name, id = self.chance.choice(ABOUT[kind]), self.chance.choice(ids)
        origin = str(uuid4())
        given = self._given(name, id) | {"mutationId": origin}
        answer = self.gateway.ask(_mutation(name), self.user, input=given)[name]

        def check() -> None:
            known = self.mirror.objects
            for key, own in told(answer):
                assert known[key] == own, name
            assert not {one for _, one in known} & set(_deleted(answer))
            if "settings" in answer:
                assert known["Shot", id]["toolSettings"] == answer["settings"]
            assert self.mirror.origins.count(origin) <= 1
            self.seen += self.mirror.origins.count(origin)

        # What cannot be done, such as taking the last take away, changes nothing.
        return None if "message" in answer else check

    def write(self) -> None:
        """Something in plain SQL."""
        update, delete = self._update, self._delete
        acts: list[Callable[[], None]] = [
            self.insert,
            self.insert_many,
            lambda: update("Shot", "shots", "name = name || '!'"),
            lambda: update("Generation", "generations", "starred = not starred"),
            lambda: update("ShotEntry", "shot_generations", "timeline_frame = null"),
            lambda: update("Variant", "generation_variants", "viewed_at = null"),
            lambda: delete("ShotEntry", "shot_generations"),
            lambda: delete("Generation", "generations"),
            lambda: delete("Shot", "shots"),
        ]
        self.chance.choice(acts)()

    def insert(self) -> None:
        """A shot, a generation in it, and another take of that."""
        shot = self.studio.shot(self.project)
        made = self.studio.generation(self.project, name="made")
        self.studio.variant(made)
        self.studio.entry(shot, made, self.chance.randrange(1000))

    def insert_many(self) -> None:
        """More than is told one by one; and all of them go again."""
        if not self.many:
            self.many = [str(uuid4()) for _ in range(MANY)]
            text = """insert into generations (id, project_id, location)
              select id, %s, 'media/' || id from unnest(%s::uuid[]) id"""
            self.studio.owner.execute(text, (self.project, self.many))
        else:
            text = "delete from generations where id = any (%s::uuid[])"
            self.studio.owner.execute(text, (self.many,))
            self.many = []

    def _ids(self, kind: str) -> list[str]:
        keys: list[Key] = sorted(self.mirror.objects)
        return [id for of, id in keys if of == kind]

    def _update(self, kind: str, table: str, change: str) -> None:
        self._execute(kind, f"update {table} set {change} where id = %s")

    def _delete(self, kind: str, table: str) -> None:
        self._execute(kind, f"delete from {table} where id = %s")

    def _execute(self, kind: str, text: str) -> None:
        for id in self.chance.sample(self._ids(kind)[:20], k=min(1, len(self._ids(kind)))):
            self.studio.owner.execute(sql.SQL(text), (id,))

    def _given(self, name: str, id: str) -> dict[str, Any]:
        number = self.chance.randrange(5)
        known: dict[str, dict[str, Any]] = {
            "patchGenerationParams": {"id": id, "patch": {"a": number}},
            "starGenerations": {"ids": [id], "starred": number > 2},
            "deleteGenerations": {"ids": [id]},
            "setPrimaryVariant": {"id": id},
            "starVariant": {"id": id, "starred": number > 2},
            "markVariantsViewed": {"ids": [id]},
            "markAllVariantsViewed": {"generationId": id},
            "deleteVariant": {"id": id},
            "createShot": {"projectId": id, "name": "new", "position": 1},
            "duplicateShot": {"id": id},
            "moveShot": {"id": id, "position": 1 + number},
            "deleteShots": {"ids": [id]},
            "createRun": {"projectId": id, "name": "run"},
            "updateToolSettings": {
                "scope": "SHOT",
                "id": id,
                "tool": "tool",
                "patch": {"a": number},
            },
        }
        return known.get(name, {"id": id, "name": f"name {number}"})


def _mutation(name: str) -> str:
    kind = f"{name[0].upper()}{name[1:]}Input"
    shown = f"__typename ... on Problem {{ message }} ... on {ANSWERS[name]}"
    return written(f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ {shown} }} }}")


def _deleted(answer: Any) -> list[str]:
    found = answer.get("deletedIds") or [answer.get("deletedId")]
    return [id for id in found if id]


async def played(gateway: Running, studio: Studio, seed: int, steps: int) -> Play:
    """So many steps, followed through lost connections and places that nobody knows any more."""
    chance = Random(seed)
    play = Play(gateway, studio, chance)
    after = play.mirror.cursor
    while steps:
        async with AsyncExitStack() as stack:
            talk = await stack.enter_async_context(talking(gateway.address))
            await talk.begin(gateway.token(play.user))
            await talk.subscribe(LIVE, id=play.project, after=after)
            for _ in range(min(steps, chance.randrange(1, 15))):
                await play.step(talk)
                steps -= 1
        for _ in range(3):
            play.write()
        after = chance.choice([play.mirror.cursor, play.mirror.cursor, "nobody's"])
    return play


@pytest.mark.parametrize("seed", range(3))
async def test_a_cache_that_applies_events_shows_what_is_there(
    seed: int, gateway: Running, studio: Studio
) -> None:
    play = await played(gateway, studio, seed, STEPS)
    assert play.seen


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(10, 16))
async def test_it_does_so_for_long(seed: int, gateway: Running, studio: Studio) -> None:
    play = await played(gateway, studio, seed, LONG_STEPS)
    assert {"BULK", "RESYNC", "CHANGE"} <= set(play.mirror.kinds)
