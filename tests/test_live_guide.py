"""What the guide tells those who write frontends is so: each of its snippets is run."""

import json
import re
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from graphql import build_schema, parse, validate

from resolvers import events
from schema import nodes
from server import messages, outbox, sockets
from server.auth import LEEWAY_SECONDS
from server.limits import Limits
from tests import gateways, guide, node
from tests.gateways import Running
from tests.studio import Studio
from tests.talking import following

ASKED = guide.snippets("graphql")
SCHEMA = (gateways.ROOT / "schema" / "schema.graphql").read_text()
PLAYERS = ("live.mjs", "guide.mjs")
SHORT_SECONDS = 4
PATIENCE = 60

Tell = Callable[[str], Any]


@pytest.fixture(scope="module")
def snippets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the snippets in JavaScript."""
    node.tools()
    return guide.written(tmp_path_factory.mktemp("guide"))


@pytest.fixture
def play(snippets: Path, gateway: Running, owner: psycopg.Connection[Any]) -> Tell:
    """Plays a part of a frontend, and tells what it saw."""

    def play(part: str) -> Any:
        studio = Studio(owner)
        user = studio.user()
        project = studio.project(user)
        made = [studio.generation(project, name=name) for name in ("one", "two")]
        short = timedelta(seconds=SHORT_SECONDS - LEEWAY_SECONDS)
        place = {
            "address": gateway.address,
            "token": gateway.token(user),
            "short": gateway.token(user, short),
            "lasting": SHORT_SECONDS * 1000,
            "project": project,
            "generations": made,
            "schema": SCHEMA,
        } | {name.lower(): text for name, text in ASKED.items()}
        return _played(
            ("node", "guide.mjs", part, str(snippets)),
            json.dumps(place),
            lambda: studio.generation(project, name="made"),
        )

    return play


def _played(command: tuple[str, ...], given: str, make: Callable[[], Any]) -> Any:
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=node.CLIENTS, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(given)
        process.stdin.close()
        for line in process.stdout:
            if line != "make\n":
                return json.loads(line)
            make()
        raise AssertionError(process.stderr.read())


@pytest.mark.parametrize("name", ASKED)
def test_what_it_asks_is_in_the_schema(name: str) -> None:
    assert not validate(build_schema(SCHEMA), parse(ASKED[name]))


async def test_what_it_asks_is_answered(gateway: Running, studio: Studio) -> None:
    user = studio.user()
    project = studio.project(user)
    made = studio.generation(project)
    found = gateway.ask(ASKED["Gallery"], user, projectId=project)["project"]
    assert [one["id"] for one in found["generations"]["nodes"]] == [made]
    token, after = gateway.token(user), found["cursor"]
    async with following(
        gateway.address, token, ASKED["Live"], projectId=project, after=after
    ) as talk:
        origin = str(uuid4())
        given = {"id": made, "name": "Dusk", "expectedVersion": 1, "mutationId": origin}
        told = gateway.ask(ASKED["Rename"], user, input=given)["renameGeneration"]
        event = await talk.event()
    assert (told["__typename"], event["origin"]) == ("GenerationChanged", origin)
    assert event["changes"][0]["node"]["name"] == told["generation"]["name"] == "Dusk"
    (polled,) = gateway.ask(ASKED["Poll"], user, projectId=project, after=after)["changes"]
    assert (polled["kind"], polled["cursor"]) == ("CHANGE", event["cursor"])


def test_a_fresh_token_takes_the_place_of_one_that_expires(play: Tell) -> None:
    assert play("renew") == [["READY", "CHANGE"]]


def test_who_polls_hears_of_everything(play: Tell) -> None:
    assert play("poll") == [[["CHANGE", True], ["CHANGE", True]]]


def test_scopes_and_reasons_say_which_answers_are_stale(play: Tell) -> None:
    assert play("query") == [
        ["READY", []],
        ["CHANGE", ["gallery", "details"]],
        ["CHANGE", ["settings"]],
        ["RESYNC", ["gallery", "details", "counts", "shots", "settings"]],
    ]


@pytest.mark.parametrize(("client", "more"), [("apollo", 0), ("urql", 1)])
def test_a_gallery_shows_what_happens_elsewhere(client: str, more: int, play: Tell) -> None:
    renamed, deleted, made, resync, *_ = play(client)
    assert renamed == [["two", "theirs"], 0]
    assert deleted == [["theirs"], more]
    assert made == [["made", "theirs"], 1]
    assert resync == "asked again"


def test_an_optimistic_write_is_confirmed_or_taken_back_and_its_echo_is_known(play: Tell) -> None:
    *_, confirmed, refused = play("apollo")
    assert confirmed == ["GenerationChanged", "metadata-update"]
    assert refused == ["Conflict", ["name"]]


def test_no_snippet_is_left_out() -> None:
    assert guide.languages() == {"graphql", "js"}
    players = [(node.CLIENTS / name).read_text() for name in PLAYERS]
    imported = re.findall(r'snippet\("(\w+)"\)', "".join(players))
    imported += re.findall(r'from "\./(\w+)\.js"', guide.text())
    assert {f"{name}.js" for name in imported} == set(guide.snippets("js"))


def test_the_guide_is_two_pages_long() -> None:
    assert len(guide.GUIDE.read_text().split()) <= 1_100


def test_it_knows_what_each_table_keeps() -> None:
    listed = dict(
        re.findall(r'^  (\w+): "(\w+)",$', guide.snippets("js")["types.js"], re.MULTILINE)
    )
    assert listed == {table: nodes.KINDS[kind][0] for table, kind in events.KINDS.items()}


def test_every_code_that_closes_a_socket_is_told() -> None:
    told = {
        int(code)
        for code in re.findall(r"^\| (\d{4}) \|", guide.REFERENCE.read_text(), re.MULTILINE)
    }
    constants = vars(messages) | vars(sockets)
    ours = {
        value for value in constants.values() if type(value) is int and value in range(1001, 5000)
    }
    assert told == ours - {messages._LONGEST_ID} | {1009}


def test_its_numbers_are_those_of_the_product() -> None:
    paper = guide.REFERENCE.read_text()
    limits = Limits()
    for number in (
        f"{limits.sockets} sockets",
        f"{limits.operations} operations",
        f"{limits.message:,} bytes",
        f"{outbox.MOST_FRAMES} messages",
        f"after {outbox.PATIENCE_SECONDS:g} seconds",
        f"within {limits.init_seconds:g} seconds",
        f"at most {events.PATIENCE:g}",
    ):
        assert number in paper
