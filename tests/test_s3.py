"""With an S3-compatible store files go past the gateway, and are looked at all the same."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import psycopg
import pytest
from botocore.auth import S3SigV4QueryAuth  # type: ignore[import-untyped]
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
from botocore.credentials import Credentials  # type: ignore[import-untyped]

from media.buckets import Bucket
from media.errors import MissingFile
from media.presigning import Presigner
from media.storage import Arrived
from server.config import BadConfig, Config, load
from tests import gateways, nursery, samples, stores
from tests.stores import KEYS, Store
from tests.uploading import Gateway, Sender, put, running


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with stores.running() as store:
        yield store


@pytest.fixture(scope="module")
def gateway(
    store: Store, gateway_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("data")
    with running(gateway_url, folder, **store.settings) as gateway:
        yield gateway


@pytest.fixture
def sender(gateway: Gateway, owner: psycopg.Connection[Any]) -> Sender:
    return Sender(gateway, owner)


@pytest.fixture
def picture(tmp_path: Path) -> bytes:
    return samples.png(tmp_path / "fox.png", samples.drawing(900, 600)).read_bytes()


def presigner(endpoint: str = "https://examplebucket.example") -> Presigner:
    return Presigner(endpoint, "us-east-1", "studio", "somebody", "a secret")


def test_a_picture_goes_to_the_store_and_comes_from_it(sender: Sender, picture: bytes) -> None:
    requested = sender.request(picture)
    assert not requested["upload"]["url"].startswith(sender.gateway.address)
    assert put(requested["upload"], picture).status_code == 200
    asset = requested["asset"]["id"]
    made = sender.told("createGeneration", projectId=sender.project, uploadId=asset)["generation"]
    ready = sender.settled(asset)
    assert (ready["status"], ready["width"], ready["height"]) == ("READY", 900, 600)
    shown = sender.generation(made["id"])
    assert httpx.get(shown["url"]).content == picture
    assert httpx.get(shown["url"]).headers["content-type"] == "image/png"
    assert httpx.get(shown["thumbUrl"]).headers["content-type"] == "image/webp"
    assert shown["url"] == sender.generation(made["id"])["url"]
    assert not list(sender.gateway.folder.glob("media/**/*.png"))


def test_the_gateway_narrows_what_the_store_keeps(sender: Sender, picture: bytes) -> None:
    requested = sender.request(picture)
    put(requested["upload"], picture)
    asset = requested["asset"]["id"]
    sender.settled_after_completing(asset)
    query = "query ($id: ID!) { asset(id: $id) { url(width: 300) thumbUrl(width: 100) } }"
    for url in sender.ask(query, id=asset)["asset"].values():
        assert url.startswith(f"{sender.gateway.address}/sized/")
        assert httpx.get(url).headers["content-type"] == "image/webp"


def test_what_was_completed_stays_whatever_is_sent_afterwards(
    sender: Sender, store: Store, gateway_url: str, picture: bytes
) -> None:
    requested = sender.request(picture)
    put(requested["upload"], picture)
    asset = requested["asset"]["id"]
    assert sender.told("completeUpload", id=asset)["asset"]["status"] == "UPLOADED"
    made = sender.told("createGeneration", projectId=sender.project, uploadId=asset)["generation"]
    forged = bytes(reversed(picture))
    for _ in range(2):
        assert put(requested["upload"], forged).status_code == 200
        for url in (made["url"], sender.asset(asset)["url"]):
            assert httpx.get(url).content == picture
        assert sender.settled(asset)["status"] == "READY"
    swept(sender, store, gateway_url)
    assert len(kept(sender, store)) == 2
    assert httpx.get(sender.generation(made["id"])["url"]).content == picture


def test_of_two_who_complete_at_once_one_decides_what_is_served(
    sender: Sender, store: Store, gateway_url: str, picture: bytes
) -> None:
    requested = sender.request(picture)
    put(requested["upload"], picture)
    asset = requested["asset"]["id"]
    store.hang(stores.is_copy)
    with ThreadPoolExecutor(1) as aside:
        second = aside.submit(sender.told, "completeUpload", id=asset)
        store.until_waiting(1)
        store.way = stores.straight
        url = sender.told("completeUpload", id=asset)["asset"]["url"]
        put(requested["upload"], bytes(reversed(picture)))
        store.go_on()
        told = second.result(30)["asset"]
    assert (told["error"], told["url"]) == (None, url)
    assert httpx.get(url).content == picture
    assert sender.settled(asset)["status"] == "READY"
    assert len(kept(sender, store)) == 4
    swept(sender, store, gateway_url)
    assert len(kept(sender, store)) == 2


def swept(sender: Sender, store: Store, gateway_url: str) -> None:
    """Three hours go by, and what is left over is removed."""
    sender.studio.owner.execute(
        "update leftover_files set at = at - interval '3 hours' where key like %s",
        (f"{sender.project}/%",),
    )
    settings = gateways.settings(gateway_url, sender.gateway.folder) | store.settings
    assert nursery.run(settings, "assets", "sweep").returncode == 0


def kept(sender: Sender, store: Store) -> list[str]:
    """The keys of all that is kept of a project."""
    found = store.client().list_objects_v2(Bucket=stores.BUCKET, Prefix=sender.project)
    return [one["Key"] for one in found["Contents"]]


@pytest.mark.parametrize("content", [b"<svg onload='alert(1)'/>" + b" " * 100, b"GIF89a" * 100])
def test_what_is_not_what_it_says_fails(sender: Sender, content: bytes) -> None:
    requested = sender.request(content)
    put(requested["upload"], content)
    told = sender.told("completeUpload", id=requested["asset"]["id"])
    assert told["asset"]["status"] == "FAILED"
    assert told["asset"]["url"] is None


def test_another_size_than_announced_fails(sender: Sender, picture: bytes, store: Store) -> None:
    requested = sender.request(picture)
    key = f"{sender.project}/{requested['asset']['id']}.png"
    store.client().put_object(Bucket=stores.BUCKET, Key=key, Body=picture + b"x")
    told = sender.told("completeUpload", id=requested["asset"]["id"])
    assert told["asset"]["status"] == "FAILED"
    assert "announced" in told["asset"]["error"]


def test_what_was_not_sent_has_not_arrived(sender: Sender, picture: bytes) -> None:
    told = sender.told("completeUpload", id=sender.request(picture)["asset"]["id"])
    assert told["reason"] == "NOT_UPLOADED"


def test_the_address_binds_size_and_kind(sender: Sender, picture: bytes) -> None:
    upload = sender.request(picture)["upload"]
    signed = parse_qs(urlsplit(upload["url"]).query)["X-Amz-SignedHeaders"]
    assert signed == ["content-length;content-type;host"]


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize("key", ["a/b.png", "a b/ä?#&+.png"])
def test_addresses_are_signed_as_amazon_signs_them(method: str, key: str) -> None:
    headers = {"Content-Type": "image/png", "Content-Length": "5"} if method == "PUT" else {}
    own = presigner().sign(method, key, 1_700_000_000, 600, headers)
    bare = own.partition("?")[0]
    request = AWSRequest(method=method, url=bare, headers=headers)
    moment = parse_qs(urlsplit(own).query)["X-Amz-Date"][0]
    assert signed_by_amazon(request, moment) == parse_qs(urlsplit(own).query)


def signed_by_amazon(request: AWSRequest, moment: str) -> dict[str, list[str]]:
    """What Amazon's own library signs at the same moment."""
    auth = S3SigV4QueryAuth(Credentials("somebody", "a secret"), "s3", "us-east-1", expires=600)
    request.context["timestamp"] = moment
    auth._modify_request_before_signing(request)
    canonical = auth.canonical_request(request)
    signature = auth.signature(auth.string_to_sign(request, canonical), request)
    auth._inject_signature_to_request(request, signature)
    return parse_qs(urlsplit(request.url).query)


async def test_a_bucket_keeps_looks_and_removes(store: Store) -> None:
    bucket, key = Bucket(presigner(store.address)), f"{uuid4()}/a.webp"
    assert await bucket.sent(key) is None
    with pytest.raises(MissingFile), bucket.opened(key):
        pass
    bucket.keep(key, b"x" * 100)
    assert await bucket.sent(key) == Arrived(key, 100, b"x" * 64)
    with bucket.opened(key) as path:
        assert path.read_bytes() == b"x" * 100
    for _ in range(2):
        bucket.remove(key)
    assert await bucket.sent(key) is None


def test_half_a_store_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAILIES_S3_ENDPOINT", "https://store.example")
    with pytest.raises(BadConfig, match="DAILIES_S3: needs an endpoint, a bucket"):
        load()


@pytest.mark.parametrize("names", [("DAILIES_S3_ACCESS_KEY", "DAILIES_S3_SECRET_KEY"), tuple(KEYS)])
def test_variables_of_garage_mean_the_same(
    monkeypatch: pytest.MonkeyPatch, names: tuple[str, str]
) -> None:
    monkeypatch.setenv("GARAGE_ENDPOINT", "https://garage.example")
    monkeypatch.setenv("DAILIES_S3_BUCKET", "studio")
    for name in names:
        monkeypatch.setenv(name, name)
    config: Config = load()
    assert (config.s3_endpoint, config.s3_access_key) == ("https://garage.example", names[0])
