"""A person with a project, whose generations and their takes are changed through GraphQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from tests.asking import Asking
from tests.studio import Studio

MADE = """{
  id name starred params prompt location version variantCount unviewedVariantCount
  primaryVariant { id }
}"""
TAKE = "{ id name starred isPrimary viewedAt version generation { id } }"
TOLD = f"""
__typename
... on Problem {{ code message }}
... on ValidationFailed {{ issues {{ argument message }} }}
... on NotFound {{ argument }}
... on Conflict {{ changedFields current {{ ... on Generation {MADE} ... on Variant {TAKE} }} }}
... on Refused {{ reason }}
"""
LEFT = (
    "problems { argument problem { __typename code"
    " ... on NotFound { argument } ... on Refused { reason } } }"
)
_GENERATION = f"GenerationChanged {{ generation {MADE} }}"
_CHILDREN = f"ChildrenChanged {{ children {MADE} parents {MADE} }}"
_VARIANT = f"VariantChanged {{ variant {TAKE} generation {MADE} }}"
SUCCESSES = {
    "createGeneration": f"GenerationCreated {{ generation {MADE} }}",
    "createVariant": f"VariantCreated {{ variant {TAKE} generation {MADE} }}",
    "promoteVariant": f"GenerationCreated {{ generation {MADE} }}",
    "attachChildren": _CHILDREN,
    "detachChildren": _CHILDREN,
    "renameGeneration": _GENERATION,
    "starGenerations": f"GenerationsChanged {{ generations {MADE} {LEFT} }}",
    "patchGenerationParams": _GENERATION,
    "deleteGenerations": f"GenerationsDeleted {{ deletedIds {LEFT} }}",
    "setPrimaryVariant": _VARIANT,
    "renameVariant": _VARIANT,
    "starVariant": _VARIANT,
    "markVariantsViewed": f"VariantsChanged {{ variants {TAKE} {LEFT} }}",
    "markAllVariantsViewed": _GENERATION,
    "deleteVariant": f"VariantDeleted {{ deletedId generation {MADE} }}",
}
READ = f"query ($id: ID!) {{ generation(id: $id) {MADE} }}"
READ_VARIANT = f"query ($id: ID!) {{ variant(id: $id) {TAKE} }}"
ECHO = """
create table if not exists echoes (reason text, scopes text, origin text);
create or replace function echo() returns trigger language plpgsql security definer as $$
begin
  insert into echoes values (
    current_setting('dailies.reason'), current_setting('dailies.scopes'),
    current_setting('dailies.origin')
  );
  return null;
end;
$$;
create trigger echo after insert or update or delete on {table} for each row
when (pg_trigger_depth() = 0) execute function echo();
"""
SILENCE = "drop function echo() cascade; drop table echoes"


def mutation(name: str) -> str:
    """The text of a mutation."""
    kind = f"{name[0].upper()}{name[1:]}Input"
    shown = f"{TOLD} ... on {SUCCESSES[name]}"
    return f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ {shown} }} }}"


class Making:
    """What somebody has made, in a project of theirs."""

    def __init__(self, asking: Asking, studio: Studio) -> None:
        self.asking = asking
        self.studio = studio
        self.viewer = studio.user()
        self.project = studio.project(self.viewer)

    def generation(self, **values: Any) -> str:
        """A generation with its original."""
        return self.studio.generation(self.project, **values)

    def generations(self, number: int) -> list[str]:
        """So many generations at once."""
        found = self.studio.owner.execute(
            "insert into generations (project_id, location)"
            " select %s, 'media/' || n || '.png' from generate_series(1, %s) n"
            " returning id::text",
            (self.project, number),
        )
        return [one for (one,) in found.fetchall()]

    def guest(self) -> str:
        """Somebody who may look at the project, but change nothing."""
        made = self.studio.user()
        self.studio.owner.execute(
            "insert into project_members (project_id, user_id, role) values (%s, %s, 'viewer')",
            (self.project, made),
        )
        return made

    def editor(self) -> str:
        """Somebody who may change what is in the project."""
        made = self.guest()
        self.studio.owner.execute(
            "update project_members set role = 'editor' where user_id = %s", (made,)
        )
        return made

    async def told(self, name: str, viewer: str | None = None, /, **given: Any) -> Any:
        """What a mutation came to."""
        return (await self.asking(mutation(name), viewer or self.viewer, input=given))[name]

    async def seen(self, generation: str) -> Any:
        """What a generation shows."""
        return (await self.asking(READ, self.viewer, id=generation))["generation"]

    async def seen_variant(self, variant: str) -> Any:
        """What a take shows."""
        return (await self.asking(READ_VARIANT, self.viewer, id=variant))["variant"]


@contextmanager
def echoes(owner: psycopg.Connection[Any], table: str) -> Iterator[None]:
    """While this is open, every row that somebody changes leaves an echo."""
    text: Any = ECHO.replace("{table}", table)
    owner.execute(text)
    try:
        yield
    finally:
        owner.execute(SILENCE)
