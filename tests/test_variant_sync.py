"""A generation shows its primary variant, whichever side is written."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

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


@pytest.fixture
def project(studio: Studio) -> Iterator[str]:
    """A project whose generations and variants agree at the end of the test."""
    made = studio.project(studio.user())
    yield made
    assert disagreements(studio.owner, made) == []


def test_a_generation_with_a_location_gets_an_original_that_is_primary(
    studio: Studio, project: str
) -> None:
    generation = studio.generation(project, **MEDIA, created_at="2024-05-01T10:00:00Z")
    [variant] = variants(studio, generation)
    shown = shown_by(studio, generation)
    assert {name: variant[name] for name in MEDIA} == MEDIA
    assert (variant["variant_type"], variant["is_primary"]) == ("original", True)
    assert variant["created_at"] == shown["created_at"]
    assert variant["project_id"] == shown["project_id"]


def test_a_generation_that_gets_its_location_later_gets_its_original_then(
    studio: Studio, project: str
) -> None:
    generation = studio.generation(project, location=None, name="Waiting")
    assert variants(studio, generation) == []
    write(studio, generation, location="media/done.png")
    [variant] = variants(studio, generation)
    assert (variant["location"], variant["name"]) == ("media/done.png", "Waiting")
    assert variant["created_at"] == shown_by(studio, generation)["created_at"]


def test_an_upload_is_seen_at_once(studio: Studio, project: str) -> None:
    [variant] = variants(studio, studio.generation(project))
    assert variant["viewed_at"] is not None


def test_an_original_inserted_by_its_writer_is_seen_at_once(studio: Studio, project: str) -> None:
    generation = studio.generation(project, location=None)
    studio.variant(generation, variant_type="original")
    assert variants(studio, generation)[0]["viewed_at"] is not None


def test_the_result_of_a_task_is_new(studio: Studio, project: str) -> None:
    [variant] = variants(studio, studio.generation(project, task_id=task(studio, project)))
    assert variant["viewed_at"] is None


def test_an_edit_is_new(studio: Studio, project: str) -> None:
    generation = studio.generation(project)
    studio.variant(generation)
    assert [v["viewed_at"] is None for v in variants(studio, generation)] == [False, True]


def test_a_writer_that_names_the_primary_variant_brings_it(studio: Studio, project: str) -> None:
    chosen = "0f5e8d7c-0000-4000-8000-" + project[-12:]
    with studio.owner.transaction():
        generation = studio.generation(project, location="a.png", primary_variant_id=chosen)
        studio.variant(generation, id=chosen, location="a.png", is_primary=True)
    assert [v["id"] for v in variants(studio, generation)] == [chosen]


def test_the_first_variant_is_primary_by_itself(studio: Studio, project: str) -> None:
    generation = studio.generation(project, location=None)
    first = studio.variant(generation, is_primary=False)
    assert primary(studio, generation) == first


@pytest.mark.parametrize("column", MEDIA)
def test_what_is_written_on_a_generation_is_read_on_its_variant(
    studio: Studio, project: str, column: str
) -> None:
    generation = studio.generation(project)
    write(studio, generation, **{column: MEDIA[column]})
    assert variants(studio, generation)[0][column] == MEDIA[column]


@pytest.mark.parametrize("column", MEDIA)
def test_what_is_written_on_the_primary_variant_is_read_on_its_generation(
    studio: Studio, project: str, column: str
) -> None:
    generation = studio.generation(project)
    write_variant(studio, primary(studio, generation), **{column: MEDIA[column]})
    assert shown_by(studio, generation)[column] == MEDIA[column]


@pytest.mark.parametrize("column", [name for name in MEDIA if name != "location"])
def test_null_travels_both_ways(studio: Studio, project: str, column: str) -> None:
    from_generation = studio.generation(project, **MEDIA)
    from_variant = studio.generation(project, **MEDIA)
    write(studio, from_generation, **{column: None})
    write_variant(studio, primary(studio, from_variant), **{column: None})
    assert variants(studio, from_generation)[0][column] is None
    assert shown_by(studio, from_variant)[column] is None


def test_params_written_to_a_generation_survive_the_next_write_to_its_variant(
    studio: Studio, project: str
) -> None:
    generation = studio.generation(project, **MEDIA)
    write(studio, generation, params={"prompt": "dusk"})
    write_variant(studio, primary(studio, generation), name="Dusk")
    assert shown_by(studio, generation)["params"] == {"prompt": "dusk"}


def test_a_write_to_another_variant_is_not_shown(studio: Studio, project: str) -> None:
    generation = studio.generation(project, name="First")
    write_variant(studio, studio.variant(generation), name="Second")
    assert shown_by(studio, generation)["name"] == "First"


def test_a_location_is_kept_while_there_are_variants(studio: Studio, project: str) -> None:
    generation = studio.generation(project)
    with pytest.raises(errors.CheckViolation, match="has variants") as refused:
        write(studio, generation, location=None)
    assert refused.value.diag.constraint_name == "generations_location_of_variants"
    assert "Delete its variants" in str(refused.value.diag.message_hint)


def test_a_statement_over_many_generations_reaches_all_their_variants(
    studio: Studio, project: str
) -> None:
    made = [studio.generation(project, name=str(number)) for number in range(20)]
    studio.owner.execute(
        "update generations set name = 'n' || name where id = any(%s::uuid[])", (made,)
    )
    assert [variants(studio, one)[0]["name"] for one in made] == [f"n{i}" for i in range(20)]


def test_both_sides_written_in_one_statement_keep_both_writes(studio: Studio, project: str) -> None:
    generation = studio.generation(project, **MEDIA)
    studio.owner.execute(
        """
        with written as (update generations set name = 'Noon' where id = %(id)s)
        update generation_variants set params = '{"prompt": "noon"}' where generation_id = %(id)s
        """,
        {"id": generation},
    )
    shown = shown_by(studio, generation)
    assert (shown["name"], shown["params"]) == ("Noon", {"prompt": "noon"})


def test_one_column_written_on_both_sides_in_one_statement_ends_equal(
    studio: Studio, project: str
) -> None:
    generation = studio.generation(project, **MEDIA)
    studio.owner.execute(
        """
        with written as (update generation_variants set name = 'a' where generation_id = %(id)s)
        update generations set name = 'b' where id = %(id)s
        """,
        {"id": generation},
    )
    assert shown_by(studio, generation)["name"] in {"a", "b"}


def test_both_sides_written_in_one_transaction_end_with_the_last_write(
    studio: Studio, project: str
) -> None:
    generation = studio.generation(project, **MEDIA)
    with studio.owner.transaction():
        write(studio, generation, name="first", width=1)
        write_variant(studio, primary(studio, generation), name="second")
        write(studio, generation, height=2)
    shown = shown_by(studio, generation)
    assert (shown["name"], shown["width"], shown["height"]) == ("second", 1, 2)


def test_a_mirror_is_no_new_version(studio: Studio, project: str) -> None:
    generation = studio.generation(project, **MEDIA)
    write(studio, generation, name="Written here")
    write_variant(studio, primary(studio, generation), params={"written": "there"})
    assert shown_by(studio, generation)["version"] == 2
    assert variants(studio, generation)[0]["version"] == 2


def test_a_mirror_does_not_make_a_generation_younger(studio: Studio, project: str) -> None:
    generation = studio.generation(project, **MEDIA)
    before = shown_by(studio, generation)["updated_at"]
    write_variant(studio, primary(studio, generation), name="Noon")
    assert shown_by(studio, generation)["updated_at"] == before


def test_a_variant_stays_with_its_generation(studio: Studio, project: str) -> None:
    variant = studio.variant(studio.generation(project))
    with pytest.raises(errors.CheckViolation, match="stays with its generation") as refused:
        write_variant(studio, variant, generation_id=studio.generation(project))
    assert refused.value.diag.constraint_name == "generation_variants_stay"


def test_an_editor_writes_both_sides_without_rights_on_mirrors(studio: Studio) -> None:
    user = studio.user()
    project = studio.project(user)
    generation = studio.generation(project)
    edit = studio.variant(generation, location="edit.png")
    with studio.owner.transaction():
        become(studio.owner, user)
        write_variant(studio, edit, is_primary=True)
        write(studio, generation, name="Mine")
        studio.owner.execute("delete from generation_variants where id <> %s", (edit,))
    shown = shown_by(studio, generation)
    assert (shown["primary_variant_id"], shown["location"]) == (edit, "edit.png")
    assert variants(studio, generation)[0]["name"] == "Mine"
    assert disagreements(studio.owner, project) == []


def test_a_client_cannot_write_the_pointer_to_the_primary(studio: Studio) -> None:
    generation = studio.generation(studio.project(studio.user()))
    studio.owner.execute("set role authenticated")
    with pytest.raises(errors.InsufficientPrivilege):
        write(studio, generation, primary_variant_id=None)


def become(owner: psycopg.Connection[Any], user: str) -> None:
    claims = Jsonb({"sub": user})
    owner.execute("select set_config('request.jwt.claims', %s::jsonb::text, true)", (claims,))
    owner.execute("set local role authenticated")


def task(studio: Studio, project: str) -> str:
    name = f"type-{project}"
    studio.owner.execute("insert into task_types (name) values (%s)", (name,))
    return studio.insert("tasks", project_id=project, task_type=name)
