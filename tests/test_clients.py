"""Tools of GraphQL clients accept the schema, and what they ask is answered.

They need Node 20; the rest of the product does not.
"""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import psycopg
import pytest
from graphql import parse
from typer.testing import CliRunner

from server import limits
from server.cli import app
from tests import clusters, node
from tests.asking import Asking
from tests.node import CLIENTS, run
from tests.studio import Studio

# Every query of the components, and the kind of thing whose id it asks for.
QUERIES = {
    "ProjectsQuery": "User",
    "ProjectsPageQuery": "User",
    "GalleryQuery": "Project",
    "GalleryPageQuery": "Project",
    "PictureRenewedQuery": "Variant",
    "LightboxQuery": "Generation",
    "LightboxSeveralQuery": "Generation",
    "LightboxGenerationQuery": "Generation",
    "LightboxVariantsQuery": "Generation",
    "LightboxLineageQuery": "Generation",
    "LightboxDerivedQuery": "Generation",
    "ShotEditorQuery": "Shot",
    "ShotEditorEntriesQuery": "Shot",
    "ShotEditorEntryQuery": "ShotEntry",
    "ShotEditorPairsQuery": "Shot",
}

Ids = dict[str, str]


@pytest.fixture(scope="session")
def tools() -> Path:
    """Where the tools are, installed once."""
    return node.tools()


@pytest.fixture(scope="session")
def compiled(tools: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The text of each query that Relay makes of the components' fragments."""
    house = tmp_path_factory.mktemp("relay")
    folder = house / "tests" / "clients"
    shutil.copytree(CLIENTS / "relay", folder / "relay", ignore=lambda *_: {"__generated__"})
    shutil.copy(CLIENTS / "relay.config.json", folder)
    (house / "schema").mkdir()
    (house / "schema" / "schema.graphql").write_text(printed_schema())
    run(str(tools / "relay-compiler"), folder=folder)
    artifacts = (folder / "relay" / "__generated__").glob("*Query.graphql.ts")
    return {path.name.partition(".")[0]: query_text(path) for path in artifacts}


@pytest.fixture(scope="module")
def viewer_and_ids(owner_url: str) -> tuple[str, Ids]:
    """A viewer of a small studio, and the ids of what is in it."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        viewer = Studio(connection).user()
        found = clusters.fill(connection, viewer, 1)
        return viewer, {"User": viewer} | {kind: ids[0] for kind, ids in found.items()}


def test_the_linter_finds_relays_rules_kept_and_everything_described(tools: Path) -> None:
    linter = str(tools / "graphql-schema-linter")
    assert "0 errors" in run(linter, "--stdin", folder=CLIENTS, given=printed_schema())


def test_the_linter_would_tell_what_is_not_described(tools: Path) -> None:
    linter = str(tools / "graphql-schema-linter")
    bare = re.sub(r'"""One scene of a project."""', "", printed_schema())
    assert "`Query.shot`" in run(linter, "--stdin", folder=CLIENTS, given=bare, code=1)


def test_javascript_reads_the_schema_and_its_introspection_as_printed(tools: Path) -> None:
    assert not run("node", "read.mjs", folder=CLIENTS, given=printed_schema())


def test_relay_compiles_every_component(compiled: dict[str, str]) -> None:
    assert set(compiled) == set(QUERIES)


@pytest.mark.parametrize("name", QUERIES)
async def test_what_relay_asks_is_answered(
    name: str, compiled: dict[str, str], viewer_and_ids: tuple[str, Ids], asking: Asking
) -> None:
    viewer, ids = viewer_and_ids

    answer = await asking(compiled[name], viewer, **variables(ids, QUERIES[name]))

    assert not answer.errors
    assert all(answer.data.values())


@pytest.mark.parametrize("name", QUERIES)
def test_what_relay_asks_is_within_the_limits(name: str, compiled: dict[str, str]) -> None:
    assert not limits.check(parse(compiled[name]), limits.Limits())


async def test_relay_turns_the_pages_of_a_gallery(
    studio: Studio, asking: Asking, compiled: dict[str, str]
) -> None:
    viewer = studio.user()
    project = studio.project(viewer)
    made = {studio.generation(project) for _ in range(3)}

    seen, cursor = [], None
    for _ in made:
        answer = await asking(
            compiled["GalleryPageQuery"], viewer, id=project, count=1, cursor=cursor
        )
        page = answer["node"]["generations"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        cursor = page["pageInfo"]["endCursor"]

    assert set(seen) == made
    assert not page["pageInfo"]["hasNextPage"]


def variables(ids: Ids, kind: str) -> dict[str, Any]:
    """All that the queries ask for; each takes its own."""
    each = {"id": ids[kind], "ids": [ids["Generation"], ids["Source"]]}
    return each | {"project": ids["Project"], "shot": ids["Shot"]}


def printed_schema() -> str:
    """What `dailies schema` prints."""
    return CliRunner().invoke(app, ["schema"]).output


def query_text(artifact: Path) -> str:
    """The query in a file that Relay made."""
    found = re.search(r'"text": (".*")', artifact.read_text())
    assert found
    return str(json.loads(found[1]))
