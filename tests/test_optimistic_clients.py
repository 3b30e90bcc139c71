"""Apollo Client and urql show an edit at once, and take it back when the gateway refuses it."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from server import auth
from server.config import Config
from tests import gateways, node
from tests.studio import Studio

# What is edited, and its version after the first edit.
ABOUT = [("generation", 2), ("settings", 1)]
ANSWER = "the answer comes"


@pytest.fixture(scope="module")
def address(gateway_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a gateway answers."""
    node.tools()
    process, address = gateways.started(gateway_url, tmp_path_factory.mktemp("data"))
    yield f"{address}/graphql"
    process.terminate()
    process.wait(20)


@pytest.fixture(scope="module", params=["apollo", "urql"])
def steps(request: pytest.FixtureRequest, address: str, owner_url: str) -> Any:
    """What somebody saw who edited a generation's name and a shot's settings in such a client."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        studio = Studio(owner)
        viewer = studio.user()
        project = studio.project(viewer)
        place = {
            "address": address,
            "token": auth.mint(Config.model_validate({"secret": gateways.SECRET}), viewer),
            "project": project,
            "generation": studio.generation(project, name="given"),
            "shot": studio.shot(project, settings={"tool": {"text": "given"}}),
        }
    command = ("node", "optimistic.mjs", request.param)
    told = json.loads(node.run(*command, folder=node.CLIENTS, given=json.dumps(place)))
    return {"generation": told[:4], "settings": told[4:]}


@pytest.mark.parametrize(("about", "first"), ABOUT)
def test_an_edit_is_shown_before_it_is_answered(steps: Any, about: str, first: int) -> None:
    done, *_, again = steps[about]
    assert done["told"].endswith("Changed")
    assert done["seen"] == [["first", first], ANSWER]
    assert again["told"].endswith("Changed")
    assert again["seen"] == [["again", first + 2], ANSWER]


@pytest.mark.parametrize(("about", "first"), ABOUT)
def test_an_edit_of_what_others_have_changed_gives_way_to_theirs(
    steps: Any, about: str, first: int
) -> None:
    conflict = steps[about][1]
    assert conflict["told"] == "Conflict"
    assert conflict["seen"] == [["mine", first + 1], ANSWER, ["theirs", first + 1]]


@pytest.mark.parametrize(("about", "first"), ABOUT)
def test_an_edit_that_cannot_be_taken_is_rolled_back(steps: Any, about: str, first: int) -> None:
    failed = steps[about][2]
    assert failed["told"] == "ValidationFailed"
    assert failed["seen"] == [["xxxxxx", first + 2], ANSWER, ["theirs", first + 1]]
