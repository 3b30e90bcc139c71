"""Hot queries use indexes on 200,000 generations, and pages cost the same wherever they are."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from bench import database, dataset, reference
from db.cursors import Cursors
from db.session import Database
from tests.plans import PLANNED, Explained, Explaining, Plan, explained

LARGE = {"generations", "generation_variants", "shot_generations", "shots"}
PROJECT = dataset.project(7)
SHOT = dataset.shot(7, 5)
PAGE = 50

GALLERY = """
query ($id: ID!, $order: GalleryOrder, $filter: GalleryFilter, $offset: Int, $after: String) {
  project(id: $id) {
    generations(first: 50, order: $order, filter: $filter, offset: $offset, after: $after) {
      nodes { id location }
      pageInfo { endCursor }
    }
  }
}
"""
FACETS = """
query ($id: ID!, $filter: GalleryFilter) {
  project(id: $id) {
    facets(filter: $filter) {
      mediaTypes { count } toolTypes { count } models { count } days { count }
      starred { count } unpositioned { count }
    }
    generations(first: 0, filter: $filter) { totalCount { value } }
  }
}
"""
NODE = "query ($id: ID!) { node(id: $id) { id ... on Generation { location } } }"
SHOT_GALLERY = "query ($id: ID!) { shot(id: $id) { generations(first: 20) { nodes { id } } } }"

ORDERS = [
    {"by": "CREATED_AT", "direction": "ASC"},
    {"by": "CREATED_AT", "direction": "DESC"},
    {"by": "UPDATED_AT", "direction": "ASC"},
    {"by": "UPDATED_AT", "direction": "DESC"},
    {"by": "NAME", "direction": "ASC"},
    {"by": "NAME", "direction": "DESC"},
    {"by": "STARRED_FIRST"},
]
EVERYTHING: dict[str, tuple[str, dict[str, Any]]] = {
    "gallery": (GALLERY, {"id": PROJECT}),
    "shot filter": (GALLERY, {"id": PROJECT, "filter": {"shots": [SHOT]}}),
    "unpositioned filter": (GALLERY, {"id": PROJECT, "filter": {"positioned": False}}),
    "unpositioned in a shot": (
        GALLERY,
        {"id": PROJECT, "filter": {"shots": [SHOT], "positioned": False}},
    ),
    "frames of a shot": (
        GALLERY,
        {"id": PROJECT, "filter": {"shots": [SHOT]}, "order": {"by": "TIMELINE_FRAME"}},
    ),
    "search": (GALLERY, {"id": PROJECT, "filter": {"search": "quiet harb"}}),
    "facets": (FACETS, {"id": PROJECT}),
    "facets of a search": (FACETS, {"id": PROJECT, "filter": {"search": "quiet harb"}}),
    "facets of a shot": (FACETS, {"id": PROJECT, "filter": {"shots": [SHOT]}}),
    "node": (NODE, {"id": dataset.generation(7, 123)}),
    "gallery of a shot": (SHOT_GALLERY, {"id": SHOT}),
    "Q1": (reference.GALLERY, {"project": PROJECT}),
    "Q2": (reference.SHOTS, {"project": PROJECT}),
    "Q3": (reference.ONE, {"generation": dataset.generation(7, 123)}),
}
# What is found by words or in one shot: blocks that a reading of its whole project would exceed.
NARROW = {
    "shot filter": 400,
    "unpositioned in a shot": 400,
    "frames of a shot": 400,
    "gallery of a shot": 400,
    "facets of a shot": 400,
    "node": 150,
    "Q3": 20,
}

# One for each second of some hours, all of them shown.
USED_UPLOADS = (
    """
    insert into assets
      (project_id, id, key, filename, content_type, size, status, upload_expires_at, updated_at)
    select p.id, made.id, concat(p.id, '/', made.id, '.png'), 'a.png', 'image/png', 1, 'ready',
      now(), timestamptz '2026-01-01 00:00+00' + made.at
    from projects p, (
      select gen_random_uuid() as id, make_interval(secs => s) as at
      from generate_series(1, 20000) s
    ) made
    where p.id = %(project)s
    """,
    """
    update generation_variants v
    set location = 'media/' || shown.key
    from (select key, row_number() over () as n from assets) shown
      join (select id, row_number() over () as n from generation_variants) v2 on v2.n = shown.n
    where v.id = v2.id
    """,
    "analyze assets",
)
BLOCKS_FOR_EACH = 6
OVERHEAD = 50


@pytest.fixture(scope="session")
def big_database(server_urls: tuple[str, str]) -> str:
    """The name of the large database."""
    return database.ensure(*server_urls)


@pytest_asyncio.fixture(scope="session")
async def explaining(server_urls: tuple[str, str], big_database: str) -> AsyncIterator[Explaining]:
    """Asks the large database and tells the plans."""
    url = database.located(server_urls[1], big_database)
    connections = Database(url, Cursors(b"secret"))
    await connections.open()
    with psycopg.connect(url, autocommit=True) as connection:
        yield Explaining(connections, connection)
    await connections.close()


@pytest.fixture
def big_owner(server_urls: tuple[str, str], big_database: str) -> Iterator[psycopg.Connection]:
    """The owner of the large database; whatever is done there is undone."""
    with psycopg.connect(database.located(server_urls[0], big_database)) as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize("question", EVERYTHING)
async def test_no_large_table_is_read_from_end_to_end(
    explaining: Explaining, question: str
) -> None:
    for plan in (await ask(explaining, question)).plans:
        assert not plan.whole_tables & LARGE, plan.text


@pytest.mark.parametrize("question", EVERYTHING)
async def test_policies_compare_rows_with_a_set_made_once(
    explaining: Explaining, question: str
) -> None:
    for plan in (await ask(explaining, question)).plans:
        assert not plan.unchecked(LARGE), plan.text
        assert plan.set_readings, plan.text
        assert max(plan.set_readings) <= 1, plan.text


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: " ".join(order.values()))
async def test_a_gallery_follows_an_index_in_every_order(
    explaining: Explaining, order: dict[str, str]
) -> None:
    page = await explaining(GALLERY, dataset.OWNER, id=PROJECT, order=order)
    assert len(page.data["project"]["generations"]["nodes"]) == PAGE
    for plan in reading("generations", page):
        assert not plan.sorts
        assert plan.rows == PAGE


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: " ".join(order.values()))
async def test_page_200_costs_what_page_1_costs(
    explaining: Explaining, order: dict[str, str]
) -> None:
    first = await explaining(GALLERY, dataset.OWNER, id=PROJECT, order=order)
    far = await explaining(
        GALLERY, dataset.OWNER, id=PROJECT, order=order, after=await page_199(explaining, order)
    )
    assert len(far.data["project"]["generations"]["nodes"]) == PAGE
    assert dear(far) <= 1.2 * dear(first) + PAGE


async def test_page_200_of_the_reference_gallery_costs_what_page_1_costs(
    explaining: Explaining,
) -> None:
    first = await ask(explaining, "Q1")
    after = await page_199(explaining, {"by": "CREATED_AT"})
    far = await explaining(reference.GALLERY, dataset.OWNER, project=PROJECT, after=after)
    assert len(far.data["project"]["generations"]["nodes"]) == PAGE
    # The oldest generations are in shots and the newest are not: four blocks for each entry.
    assert dear(far) <= 1.2 * dear(first) + 4 * PAGE


@pytest.mark.parametrize("question", NARROW)
async def test_little_is_read_to_find_little(explaining: Explaining, question: str) -> None:
    for plan in (await ask(explaining, question)).plans:
        assert plan.buffers <= NARROW[question], plan.text


async def test_a_search_reads_what_it_finds(explaining: Explaining) -> None:
    given = {"id": PROJECT, "filter": {"search": "harbour take 7777"}}
    # A connection that searches for the first time reads what the catalogue says of it, too.
    await explaining(GALLERY, dataset.OWNER, **given)
    for plan in (await explaining(GALLERY, dataset.OWNER, **given)).plans:
        assert plan.buffers <= 150, plan.text


async def test_a_missing_index_is_noticed(
    explaining: Explaining, big_owner: psycopg.Connection
) -> None:
    page = await ask(explaining, "Q1")
    plan = reading("shot_generations", page)[0]
    big_owner.execute("drop index idx_shot_generations_generation_id")
    again = explained(big_owner, dataset.OWNER, plan.text, plan.values, PLANNED[0])
    assert again.whole_tables & LARGE == {"shot_generations"}


def test_looking_for_unused_uploads_costs_the_same_wherever_it_goes_on(
    big_owner: psycopg.Connection,
) -> None:
    big_owner.execute("set local session_replication_role = replica")
    for statement in USED_UPLOADS:
        big_owner.execute(statement, {"project": PROJECT})
    places = ("-infinity", "2026-01-01 05:00:00+00")
    for place in places:
        # Each is found by the index, looked up among what is shown, and looked up again.
        for most in (10, 100):
            assert blocks(big_owner, place, most) <= most * BLOCKS_FOR_EACH + OVERHEAD


def blocks(connection: psycopg.Connection, place: str, most: int) -> int:
    """How many blocks are looked at in a slice of so many uploads, where the function is known."""
    text = (
        "explain (analyze, buffers, format json)"
        f" select * from delete_unused_assets('1 day', {most}, '{place}', gen_random_uuid())"
    )
    for _ in range(2):
        ((found,),) = connection.execute(text).fetchall()
    plan = found[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


async def page_199(explaining: Explaining, order: dict[str, str]) -> str:
    """The cursor where page 199 of the gallery ends."""
    skipped = dataset.GENERATIONS - 2 * PAGE
    page = await explaining(GALLERY, dataset.OWNER, id=PROJECT, order=order, offset=skipped)
    return str(page.data["project"]["generations"]["pageInfo"]["endCursor"])


async def ask(explaining: Explaining, question: str) -> Explained:
    query, variables = EVERYTHING[question]
    return await explaining(query, dataset.OWNER, **variables)


def reading(table: str, answer: Explained) -> list[Plan]:
    found = [plan for plan in answer.plans if table in plan.tables]
    assert found
    return found


def dear(answer: Explained) -> float:
    """The blocks that all its statements look at."""
    return sum(plan.buffers for plan in answer.plans) / len(PLANNED)
