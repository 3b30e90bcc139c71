"""Generations and variants agree at every commit, whatever writers do at once or one by one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from random import Random
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

from tests.agreement import disagreements, primary, variants
from tests.studio import Studio

Connection = psycopg.Connection[tuple[object, ...]]
Act = Callable[[Connection, str, Random], None]
STEPS = 400
ROUNDS = 60
BLOCKED_SECONDS = 0.3
REFUSED = (errors.CheckViolation, errors.DeadlockDetected)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_random_walk_never_leaves_them_apart(studio: Studio, seed: int) -> None:
    random = Random(seed)
    project = studio.project(studio.user())
    made = [studio.generation(project) for _ in range(5)]
    for _ in range(STEPS):
        attempt(studio.owner, random.choice(made), random, random.randint(1, 3))
        assert disagreements(studio.owner, project) == []


def test_writers_at_once_never_leave_them_apart(studio: Studio, owner_url: str) -> None:
    project = studio.project(studio.user())
    made = [studio.generation(project) for _ in range(2)]
    with ThreadPoolExecutor(4) as threads:
        work = [threads.submit(write_often, owner_url, made, seed) for seed in range(4)]
        [worker.result() for worker in work]
    assert disagreements(studio.owner, project) == []


def test_two_who_promote_at_once_end_with_one_primary(studio: Studio, owner_url: str) -> None:
    generation = studio.generation(studio.project(studio.user()))
    edits = [studio.variant(generation) for _ in range(2)]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda edit: promote_often(owner_url, edit), edits))
    assert [v["id"] for v in variants(studio, generation) if v["is_primary"]] == [
        primary(studio, generation)
    ]


def test_two_who_insert_primaries_at_once_never_deadlock(studio: Studio, owner_url: str) -> None:
    project = studio.project(studio.user())
    generation = studio.generation(project)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda _: insert_often(owner_url, generation), range(2)))
    assert disagreements(studio.owner, project) == []


def test_who_deletes_the_primary_waits_for_who_deletes_the_next(
    studio: Studio, owner_url: str
) -> None:
    generation = studio.generation(studio.project(studio.user()), created_at="2024-01-01")
    last = studio.variant(generation, created_at="2024-01-02")
    newest = studio.variant(generation, created_at="2024-01-03")
    with psycopg.connect(owner_url) as other, ThreadPoolExecutor(1) as threads:
        other.execute("delete from generation_variants where id = %s", (newest,))
        waiting = threads.submit(
            studio.owner.execute,
            "delete from generation_variants where id = %s",
            (primary(studio, generation),),
        )
        wait([waiting], BLOCKED_SECONDS)
        other.commit()
        waiting.result(10)
    assert primary(studio, generation) == last


def test_a_variant_that_comes_while_the_last_one_goes_is_primary(
    studio: Studio, owner_url: str
) -> None:
    generation = studio.generation(studio.project(studio.user()))
    old = primary(studio, generation)
    with psycopg.connect(owner_url) as other, ThreadPoolExecutor(1) as threads:
        other.execute("delete from generation_variants where id = %s", (old,))
        coming = threads.submit(studio.variant, generation)
        wait([coming], BLOCKED_SECONDS)
        other.commit()
        assert primary(studio, generation) == coming.result(10)


def promote_often(url: str, variant: str) -> None:
    """Without a deadlock: who is not primary yet waits at the generation."""
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(ROUNDS):
            connection.execute(
                """
                update generation_variants set is_primary = true
                where id = %s and not is_primary
                """,
                (variant,),
            )


def insert_often(url: str, generation: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(ROUNDS):
            connection.execute(
                """
                insert into generation_variants (generation_id, location, is_primary)
                values (%s, 'new.png', true)
                """,
                (generation,),
            )


def write_often(url: str, made: list[str], seed: int) -> None:
    random = Random(seed)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set deadlock_timeout = '20ms'")
        for _ in range(ROUNDS):
            attempt(connection, random.choice(made), random, random.randint(1, 2))


def attempt(connection: Connection, generation: str, random: Random, writes: int) -> None:
    """One transaction of a few writes; a refusal or a deadlock undoes all of it."""
    try:
        with connection.transaction():
            for _ in range(writes):
                random.choice(ACTS)(connection, generation, random)
    except REFUSED:
        return


def write_generation(connection: Connection, generation: str, random: Random) -> None:
    column = random.choice(["name", "location", "thumbnail_url", "blurhash"])
    value = random.choice([None, uuid4().hex])
    connection.execute(
        f"update generations set {column} = %s, width = %s where id = %s",
        (value, random.choice([None, 1, 2]), generation),
    )


def write_variants(connection: Connection, generation: str, random: Random) -> None:
    connection.execute(
        """
        update generation_variants set name = %s, params = %s::jsonb
        where generation_id = %s and (is_primary or random() < 0.5)
        """,
        (uuid4().hex, random.choice([None, '{"prompt": "x"}']), generation),
    )


def add(connection: Connection, generation: str, random: Random) -> None:
    connection.cursor().executemany(
        """
        insert into generation_variants (generation_id, location, is_primary, variant_type)
        values (%s, %s, %s, 'edit')
        """,
        [(generation, uuid4().hex, random.random() < 0.5) for _ in range(random.randint(1, 2))],
    )


def switch(connection: Connection, generation: str, random: Random) -> None:
    connection.execute(
        """
        update generation_variants v
        set is_primary = (
          v.id = (
            select id from generation_variants
            where generation_id = v.generation_id order by md5(id::text || %s) limit 1
          )
        )
        where generation_id = %s
        """,
        (str(random.random()), generation),
    )


def give_up(connection: Connection, generation: str, _: Random) -> None:
    connection.execute(
        "update generation_variants set is_primary = false where generation_id = %s and is_primary",
        (generation,),
    )


def delete(connection: Connection, generation: str, random: Random) -> None:
    connection.execute(
        """
        delete from generation_variants
        where id in (
          select id from generation_variants
          where generation_id = %s order by md5(id::text || %s) limit %s
        )
        """,
        (generation, str(random.random()), random.randint(1, 3)),
    )


ACTS: list[Act] = [write_generation, write_variants, add, switch, give_up, delete]
