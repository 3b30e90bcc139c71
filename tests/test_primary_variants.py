"""One variant of a generation is primary, whatever is inserted, changed or deleted."""

from collections.abc import Iterator

import pytest
from psycopg import errors

from tests.agreement import (
    MEDIA,
    disagreements,
    primary,
    shown_by,
    variants,
    write,
    write_variant,
)
from tests.studio import Studio

COUNTED = "select funcname, calls from pg_stat_xact_user_functions where funcname = any(%s)"
STATEMENT_FUNCTIONS = [
    "auto_create_variant_after_generation",
    "handle_variant_primary_switch",
    "handle_variant_primary_switch_on_insert",
    "sync_generation_from_variant",
    "sync_generation_from_variant_on_insert",
    "sync_variant_from_generation",
    "keep_children",
]


@pytest.fixture
def project(studio: Studio) -> Iterator[str]:
    """A project whose generations and variants agree at the end of the test."""
    made = studio.project(studio.user())
    yield made
    assert disagreements(studio.owner, made) == []


@pytest.fixture
def generation(studio: Studio, project: str) -> str:
    """A generation with its original and two edits, the second one newer."""
    made = studio.generation(project, created_at="2024-01-01", **MEDIA)
    studio.variant(made, created_at="2024-01-02", location="older.png")
    studio.variant(made, created_at="2024-01-03", location="newer.png")
    return made


def test_promoting_a_variant_demotes_the_other_and_shows_it(
    studio: Studio, generation: str
) -> None:
    older = variants(studio, generation)[1]["id"]
    write_variant(studio, older, is_primary=True)
    shown = shown_by(studio, generation)
    assert (shown["primary_variant_id"], shown["location"]) == (older, "older.png")
    assert (shown["name"], shown["params"], shown["width"]) == (None, None, None)


def test_a_switch_over_all_variants_in_one_statement_works(studio: Studio, generation: str) -> None:
    for variant in [v["id"] for v in variants(studio, generation)]:
        studio.owner.execute(
            "update generation_variants set is_primary = (id = %s) where generation_id = %s",
            (variant, generation),
        )
        assert primary(studio, generation) == variant


def test_a_switch_of_many_generations_in_one_statement_works(studio: Studio, project: str) -> None:
    made = [studio.generation(project) for _ in range(10)]
    edits = [studio.variant(one) for one in made]
    studio.owner.execute(
        "update generation_variants set is_primary = true where id = any(%s::uuid[])", (edits,)
    )
    assert [primary(studio, one) for one in made] == edits


def test_promoting_all_variants_of_a_generation_leaves_the_newest(
    studio: Studio, generation: str
) -> None:
    studio.owner.execute(
        "update generation_variants set is_primary = true where generation_id = %s", (generation,)
    )
    assert shown_by(studio, generation)["location"] == "newer.png"


def test_the_last_of_two_primaries_in_one_insert_wins(studio: Studio, generation: str) -> None:
    studio.owner.execute(
        """
        insert into generation_variants (generation_id, location, is_primary)
        values (%(id)s, 'first.png', true), (%(id)s, 'last.png', true), (%(id)s, 'no.png', false)
        """,
        {"id": generation},
    )
    assert shown_by(studio, generation)["location"] == "last.png"


def test_an_upsert_may_switch_the_primary(studio: Studio, generation: str) -> None:
    older = variants(studio, generation)[1]["id"]
    for _ in range(2):
        studio.owner.execute(
            """
            insert into generation_variants (id, generation_id, location, is_primary)
            values (%(id)s, %(in)s, 'upsert.png', true), (gen_random_uuid(), %(in)s, 'b.png', false)
            on conflict (id) do update
            set is_primary = excluded.is_primary, location = excluded.location
            """,
            {"id": older, "in": generation},
        )
    assert shown_by(studio, generation)["location"] == "upsert.png"


def test_giving_up_the_primary_promotes_the_newest_other(studio: Studio, generation: str) -> None:
    write_variant(studio, primary(studio, generation), is_primary=False)
    assert shown_by(studio, generation)["location"] == "newer.png"
    write_variant(studio, primary(studio, generation), is_primary=False)
    assert shown_by(studio, generation)["location"] == "older.png"


def test_giving_up_all_of_them_passes_over_the_one_that_was_primary(
    studio: Studio, generation: str
) -> None:
    studio.owner.execute(
        "update generation_variants set is_primary = false where generation_id = %s", (generation,)
    )
    assert shown_by(studio, generation)["location"] == "newer.png"


def test_the_only_variant_stays_primary(studio: Studio, project: str) -> None:
    generation = studio.generation(project)
    with pytest.raises(errors.CheckViolation, match="only one of its generation") as refused:
        write_variant(studio, primary(studio, generation), is_primary=False)
    assert refused.value.diag.constraint_name == "generation_variants_primary_required"


def test_deleting_the_primary_promotes_the_newest(studio: Studio, generation: str) -> None:
    delete(studio, [primary(studio, generation)])
    assert shown_by(studio, generation)["location"] == "newer.png"


def test_deleting_another_variant_changes_nothing(studio: Studio, generation: str) -> None:
    before = shown_by(studio, generation)
    delete(studio, [variants(studio, generation)[2]["id"]])
    assert shown_by(studio, generation) == before


def test_deleting_the_primary_and_the_newest_together_promotes_the_next(
    studio: Studio, generation: str
) -> None:
    delete(studio, [variants(studio, generation)[number]["id"] for number in (0, 2)])
    assert shown_by(studio, generation)["location"] == "older.png"


def test_deleting_the_last_variant_leaves_nothing_to_show(studio: Studio, generation: str) -> None:
    delete(studio, [variant["id"] for variant in variants(studio, generation)])
    shown = shown_by(studio, generation)
    assert {shown[name] for name in (*MEDIA, "primary_variant_id", "prompt")} == {None}


def test_a_generation_without_variants_may_have_one_again(studio: Studio, generation: str) -> None:
    delete(studio, [variant["id"] for variant in variants(studio, generation)])
    write(studio, generation, location="again.png")
    assert [v["location"] for v in variants(studio, generation)] == ["again.png"]


def test_deleting_primaries_of_many_generations_serves_them_all(
    studio: Studio, project: str
) -> None:
    made = [studio.generation(project) for _ in range(10)]
    edits = [studio.variant(one) for one in made[:5]]
    delete(studio, [primary(studio, one) for one in made])
    assert [primary(studio, one) for one in made] == [*edits, *["None"] * 5]


def test_a_deleted_generation_takes_its_variants_with_it(studio: Studio, generation: str) -> None:
    studio.owner.execute("delete from generations where id = %s", (generation,))
    assert variants(studio, generation) == []


def test_the_work_of_triggers_does_not_grow_with_the_rows(studio: Studio, project: str) -> None:
    assert calls(studio, project, rows=1000) == calls(studio, project, rows=2)


def calls(studio: Studio, project: str, rows: int) -> dict[str, int]:
    """How often statement triggers run while so many generations are inserted and changed."""
    with studio.owner.transaction():
        studio.owner.execute("set local track_functions = 'pl'")
        before = dict(studio.owner.execute(COUNTED, (STATEMENT_FUNCTIONS,)).fetchall())
        studio.owner.execute(
            """
            insert into generations (project_id, location, name)
            select %s, n || '.png', 'bulk' from generate_series(1, %s) n
            """,
            (project, rows),
        )
        studio.owner.execute(
            "update generations set params = '{}' where project_id = %s", (project,)
        )
        after = dict(studio.owner.execute(COUNTED, (STATEMENT_FUNCTIONS,)).fetchall())
    assert after
    return {name: count - before.get(name, 0) for name, count in after.items()}


def delete(studio: Studio, ids: list[str]) -> None:
    studio.owner.execute("delete from generation_variants where id = any(%s::uuid[])", (ids,))
