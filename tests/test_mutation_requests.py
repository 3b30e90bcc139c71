"""Requests that no mutation may take, as they come to a running gateway over HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from server import auth
from server.config import Config
from tests import attacks, gateways
from tests.asking import Asking
from tests.attacks import FIELDS, Place, Words, Written
from tests.scenes import Scene


class Door:
    """A running gateway, and who stands before it."""

    def __init__(self, scene: Scene, address: str) -> None:
        self.scene = scene
        self.own = scene.fresh()
        config = Config.model_validate({"secret": gateways.SECRET})
        self.key = {"Authorization": f"Bearer {auth.mint(config, scene.viewer)}"}
        self.client = httpx.Client(base_url=address, timeout=30)

    def input(self, name: str) -> dict[str, Any]:
        """What a mutation would take."""
        return Written(self.own).input(name)

    def told(self, body: Any, key: dict[str, str] | None = None) -> tuple[int, Any]:
        """The status of the answer, and the answer."""
        headers = self.key if key is None else key
        answer = self.client.post("/graphql", json=body, headers=headers)
        return answer.status_code, answer.json()

    def state(self) -> Any:
        """All that could be changed."""
        return self.scene.state(self.own["Project"], self.scene.viewer)


@pytest.fixture(scope="module")
def door(
    owner_url: str, gateway_url: str, asking: Asking, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Door]:
    process, address = gateways.started(gateway_url, tmp_path_factory.mktemp("data"))
    with psycopg.connect(owner_url, autocommit=True) as owner:
        yield Door(Scene(owner, asking), address)
    process.terminate()
    process.wait(20)


every_mutation = pytest.mark.parametrize("name", FIELDS)


@every_mutation
def test_who_has_no_token_changes_nothing(name: str, door: Door) -> None:
    before = door.state()
    body = {"query": attacks.text(name), "variables": {"input": door.input(name)}}
    for key in ({}, {"Authorization": "Bearer nonsense"}):
        status, answer = door.told(body, key)
        assert (status, codes(answer)) == (401, ["UNAUTHENTICATED"])
    assert door.state() == before


@every_mutation
def test_values_that_no_request_may_hold_are_told_by_their_variable(name: str, door: Door) -> None:
    before = door.state()
    for place in attacks.places(name):
        for value in (attacks.deep(150), ["x"] * 10_000):
            given = attacks.put(door.input(name), place.path, value)
            _, answer = door.told({"query": attacks.text(name), "variables": {"input": given}})
            assert codes(answer) == ["LIMIT_EXCEEDED"], place.name
            assert answer["errors"][0]["extensions"]["argument"] == "input"
    assert door.state() == before


@every_mutation
def test_values_of_half_a_megabyte_are_answered_in_words(name: str, door: Door) -> None:
    before = door.scene.theirs_now()
    for place in attacks.places(name):
        given = attacks.put(door.input(name), place.path, attacks.LARGE[:500_000])
        status, answer = door.told({"query": attacks.text(name), "variables": {"input": given}})
        assert status == 200, place.name
        assert codes(answer) == ["BAD_USER_INPUT"] or answer["data"][name]["__typename"]
    assert door.scene.theirs_now() == before


@every_mutation
def test_what_is_nested_deeply_in_a_document_is_answered_in_words(name: str, door: Door) -> None:
    before = door.state()
    for place in attacks.places(name):
        assert codes(door.told(document(name, door, place, 1_000))[1]) == ["LIMIT_EXCEEDED"]
        _, answer = door.told(document(name, door, place, 100))
        if place.kind == "JSON":
            assert answer["data"][name]["__typename"] == "ValidationFailed", place.name
        else:
            assert set(codes(answer)) == {"GRAPHQL_VALIDATION_FAILED"}, place.name
    assert door.state() == before


def document(name: str, door: Door, place: Place, levels: int) -> dict[str, str]:
    """A mutation with something nested so deeply at a place, all of it written out."""
    deep = Words("{a: " * levels + "1" + "}" * levels)
    given = attacks.put(door.input(name), place.path, deep)
    written = attacks.literal(FIELDS[name].args["input"].type, given)
    return {"query": f"mutation {{ {name}(input: {written}) {{ __typename }} }}"}


def codes(answer: Any) -> list[str]:
    """The codes of all errors in an answer."""
    return [error["extensions"]["code"] for error in answer.get("errors", ())]
