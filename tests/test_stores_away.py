"""A store that hangs or refuses keeps nobody from anything else, and takes nothing away."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests import samples, stores
from tests.stores import Store
from tests.uploading import Gateway, Sender, put, running

POOL = 2
COMPLETING = 4
COMPLETE = """
mutation ($input: CompleteUploadInput!) {
  completeUpload(input: $input) { ... on UploadCompleted { asset { id } } }
}
"""
COMPLETE_AFTER = """
mutation ($id: ID!, $project: ID!) {
  updateProject(input: {id: $project, name: "Dawn"}) {
    ... on ProjectChanged { project { name } }
  }
  completeUpload(input: {id: $id}) { ... on UploadCompleted { asset { id } } }
}
"""
DECIDING = """
select count(*) from pg_stat_activity
where wait_event_type = 'Lock' and query like '%hold_assets%' and datname = current_database()
"""
CREATE = """
mutation ($input: CreateGenerationInput!) {
  createGeneration(input: $input) { ... on GenerationCreated { generation { id } } }
}
"""


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with stores.running() as store:
        yield store


@pytest.fixture(scope="module")
def gateway(
    store: Store, gateway_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    settings = {**store.settings, "DAILIES_POOL_SIZE": str(POOL)}
    with running(gateway_url, tmp_path_factory.mktemp("data"), **settings) as gateway:
        yield gateway


@pytest.fixture
def sender(gateway: Gateway, owner: psycopg.Connection[Any], store: Store) -> Iterator[Sender]:
    yield Sender(gateway, owner)
    store.go_on()


@pytest.fixture
def picture(tmp_path: Path) -> bytes:
    return samples.png(tmp_path / "fox.png").read_bytes()


def sent(sender: Sender, picture: bytes) -> str:
    """A file announced and sent past the gateway; the id of its asset."""
    requested = sender.request(picture)
    assert put(requested["upload"], picture).status_code == 200
    return str(requested["asset"]["id"])


def is_unavailable(answer: Any) -> bool:
    """Whether it says that one may try again, and nothing of why."""
    (error,) = answer["errors"]
    return bool(
        error["extensions"] == {"code": "UNAVAILABLE"}
        and error["message"] == "The store of files is away; try again later."
    )


@pytest.mark.parametrize("query", [COMPLETE, COMPLETE_AFTER, CREATE], ids=["alone", "after", "new"])
def test_while_the_store_hangs_others_are_answered(
    sender: Sender, store: Store, picture: bytes, query: str
) -> None:
    assets = [sent(sender, picture) for _ in range(COMPLETING)]
    store.hang()
    with ThreadPoolExecutor(COMPLETING) as aside:
        hanging = [aside.submit(sender.answered, query, given(query, sender, id)) for id in assets]
        store.until_waiting(COMPLETING)
        for id in assets:
            assert sender.asset(id)["status"] == "PENDING"
            assert sender.told("updateProject", id=sender.project, name=f"After {id}")["project"]
        assert not [one for one in hanging if one.done()]
        assert all(is_unavailable(one.result(30)) for one in hanging)
    assert {sender.asset(id)["version"] for id in assets} == {1}


def given(query: str, sender: Sender, id: str) -> dict[str, Any]:
    """The variables of a query that needs an upload."""
    if query == COMPLETE_AFTER:
        return {"id": id, "project": sender.project}
    needs = {"id": id} if query == COMPLETE else {"uploadId": id, "projectId": sender.project}
    return {"input": needs}


def test_what_the_store_refuses_is_tried_again_under_the_same_mutation_id(
    sender: Sender, store: Store, picture: bytes
) -> None:
    asset = sent(sender, picture)
    again = {"input": {"id": asset, "mutationId": str(uuid4())}}
    store.way = stores.refusing
    assert is_unavailable(sender.answered(COMPLETE, again))
    assert (sender.asset(asset)["status"], sender.asset(asset)["version"]) == ("PENDING", 1)
    store.go_on()
    for _ in range(2):
        told = sender.answered(COMPLETE, again)
        assert told["data"]["completeUpload"]["asset"]["id"] == asset
    assert sender.settled(asset)["version"] == 3


def test_a_store_that_is_not_there_is_away(
    gateway_url: str, owner: psycopg.Connection[Any], tmp_path: Path, picture: bytes
) -> None:
    nowhere = {**Store().settings, "GARAGE_ENDPOINT": "http://127.0.0.1:9"}
    with running(gateway_url, tmp_path / "data", **nowhere) as gateway:
        sender = Sender(gateway, owner)
        asset = sender.request(picture)["asset"]["id"]
        assert is_unavailable(sender.answered(COMPLETE, {"input": {"id": asset}}))
        assert sender.asset(asset)["status"] == "PENDING"


def test_of_two_who_have_looked_at_once_one_decides(
    sender: Sender, owner_url: str, picture: bytes, store: Store
) -> None:
    asset = sent(sender, picture)
    store.hang()
    with psycopg.connect(owner_url) as holder, ThreadPoolExecutor(2) as aside:
        both = [aside.submit(sender.told, "completeUpload", id=asset) for _ in range(2)]
        store.until_waiting(2)
        holder.execute("select from assets where id = %s for update", (asset,))
        store.go_on()
        until = time.monotonic() + 30
        while sender.studio.owner.execute(DECIDING).fetchone() != (2,):
            assert time.monotonic() < until
            time.sleep(0.02)
        holder.rollback()
        told = [one.result(30)["asset"] for one in both]
    assert told[0]["url"] == told[1]["url"]
    # Announced, arrived, measured.
    assert sender.settled(asset)["version"] == 3


def test_what_became_of_an_upload_while_it_was_looked_at_is_not_undone(
    sender: Sender, store: Store, picture: bytes
) -> None:
    asset = sent(sender, picture)
    store.hang()
    with ThreadPoolExecutor(1) as aside:
        completing = aside.submit(sender.told, "completeUpload", id=asset)
        store.until_waiting(1)
        sender.studio.owner.execute("update assets set status = 'expired' where id = %s", (asset,))
        store.go_on()
        assert completing.result(30)["reason"] == "NOT_UPLOADED"
    assert sender.asset(asset)["status"] == "EXPIRED"


def test_whoever_may_not_complete_an_upload_keeps_no_store_busy(
    sender: Sender, store: Store, picture: bytes
) -> None:
    asset = sent(sender, picture)
    store.way = stores.refusing
    stranger = sender.studio.user()
    assert sender.told("completeUpload", stranger, id=asset)["code"] == "NOT_FOUND"
    guest = sender.studio.user()
    sender.studio.insert_member(sender.project, guest, "viewer")
    assert sender.told("completeUpload", guest, id=asset)["reason"] == "READ_ONLY"
