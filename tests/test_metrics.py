"""Metrics: what a gateway has done and has open, told to Prometheus."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx import ASGITransport, AsyncClient
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families as parsed

from server import app
from server.config import Config
from server.database import Urls
from server.outbox import MOST_FRAMES, Outbox
from tests.gateways import Running
from tests.hubs import Stage, shown
from tests.studio import Studio
from tests.talking import PATIENCE, PROJECT, following
from tests.test_streams import reading

Read = dict[tuple[str, ...], float]


def read(gateway: Running) -> Read:
    """Every figure, by its name and the values of its labels."""
    answer = httpx.get(f"{gateway.address}/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in parsed(answer.text)
        for sample in family.samples
    }


def more(gateway: Running, before: Read, *name: str) -> float:
    """How much a figure has grown."""
    return read(gateway)[name] - before.get(name, 0)


async def test_what_is_told_is_counted_and_timed(gateway: Running, studio: Studio) -> None:
    user = studio.user()
    project = studio.project(user)
    before = read(gateway)
    token = gateway.token(user)
    async with (
        following(gateway.address, token, PROJECT, id=project) as one,
        following(gateway.address, token, PROJECT, id=project) as two,
    ):
        studio.shot(project)
        for talk in (one, two):
            await talk.event()
        for name in ("sockets", "subscribers", "followers"):
            assert read(gateway)[f"dailies_{name}",] == 2
        assert read(gateway)["dailies_groups",] == 1
        assert more(gateway, before, "dailies_events_total", "change") == 1
        assert more(gateway, before, "dailies_deliveries_total") >= 4
        assert more(gateway, before, "dailies_feed_lag_seconds_count") == 1
        assert 0 <= more(gateway, before, "dailies_feed_lag_seconds_sum") < 10
        assert more(gateway, before, "dailies_operations_total", "subscription", "ok") == 2


OPEN: tuple[str, ...] = (
    "sockets",
    "event_streams",
    "subscribers",
    "groups",
    "followers",
    "connections",
)


async def test_nothing_stays_open_of_those_who_have_left(gateway: Running, studio: Studio) -> None:
    user = studio.user()
    project = studio.project(user)
    token = gateway.token(user)
    asked = {"query": PROJECT, "variables": {"id": project}}
    for _ in range(3):
        async with (
            following(gateway.address, token, PROJECT, id=project) as talk,
            reading(gateway, user, json=asked) as stream,
        ):
            await stream.told("READY")
            # Some leave while they are told.
            studio.shot(project)
            talk.socket.transport.abort()
    async with asyncio.timeout(PATIENCE):
        left = OPEN
        while left:
            found = read(gateway)
            left = tuple(name for name in left if found[f"dailies_{name}",])
            await asyncio.sleep(0.05)


async def test_what_slow_readers_are_not_told_is_counted() -> None:
    stage = Stage()
    subscribers = [stage.follow(shown, viewer=name)[0] for name in ("Ada", "Eve")]
    dropped = partial(REGISTRY.get_sample_value, "dailies_gaps_total", {"where": "slow_reader"})
    before = dropped() or 0
    box = Outbox(lambda: None)
    for number in range(MOST_FRAMES + 1):
        box.put("event", subscribers[number % 2])
    box.close()
    assert dropped() == before + 2


def test_operations_are_counted_by_their_kind_and_what_became_of_them(
    gateway: Running, studio: Studio
) -> None:
    user = studio.user()
    before = read(gateway)
    gateway.ask("{ viewer { id } }", user)
    body = {"query": '{ node(id: "x") { id } }'}
    httpx.post(f"{gateway.address}/graphql", json=body, headers=gateway.headers(user))
    assert more(gateway, before, "dailies_operations_total", "query", "ok") == 1
    assert more(gateway, before, "dailies_operations_total", "query", "errors") == 1


def test_rings_and_looks_are_counted(gateway: Running, studio: Studio) -> None:
    user = studio.user()
    made = studio.generation(studio.project(user))
    before = read(gateway)
    rename = """mutation ($input: RenameGenerationInput!) {
      renameGeneration(input: $input) { __typename } }"""
    gateway.ask(rename, user, input={"id": made, "name": "Dusk"})
    assert more(gateway, before, "dailies_operations_total", "mutation", "ok") == 1
    assert more(gateway, before, "dailies_doorbells_total") >= 1


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        ({}, 200),
        ({"environment": "production"}, 404),
        ({"environment": "production", "metrics": True}, 200),
    ],
)
async def test_in_production_they_are_served_where_that_is_asked_for(
    settings: dict[str, Any], status: int, gateway_url: str, tmp_path: Path
) -> None:
    config = Config.model_validate({"data_folder": tmp_path, **settings})
    transport = ASGITransport(app.create(config, Urls(gateway_url, None)))
    async with AsyncClient(transport=transport, base_url="http://gateway") as client:
        assert (await client.get("/metrics")).status_code == status
