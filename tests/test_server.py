"""The gateway as a process of its own: over HTTP, as browsers and programs reach it."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import psycopg
import pytest

from server import auth
from server.config import Config
from tests import importing, samples
from tests.gateways import COMMAND, ROOT, SECRET, started
from tests.importing import Shelf
from tests.nursery import Command

PICTURES = """
query ($id: ID!) { project(id: $id) { generations {
  nodes { name url urlIdentity thumbUrl } } } }
"""


@dataclass(frozen=True)
class Gateway:
    """A running gateway and how to reach it."""

    address: str
    process: Command
    media: Path
    config: Config

    def token(self, user: str) -> dict[str, str]:
        """The header that names a user."""
        return {"Authorization": f"Bearer {auth.mint(self.config, user)}"}

    def ask(self, query: str, user: str, **variables: object) -> httpx.Response:
        """The answer to a query."""
        body = {"query": query, "variables": variables}
        return httpx.post(f"{self.address}/graphql", json=body, headers=self.token(user))


@pytest.fixture(scope="module")
def gateway(gateway_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("data")
    process, address = started(gateway_url, folder)
    config = Config.model_validate({"secret": SECRET, "data_folder": folder})
    yield Gateway(address, process, folder / "media", config)
    process.terminate()
    process.wait(20)


@pytest.fixture
def shelf(gateway: Gateway, owner: psycopg.Connection, gateway_url: str, tmp_path: Path) -> Shelf:
    """A project with one picture."""
    empty = importing.fresh(owner, gateway_url, tmp_path)
    samples.png(empty.folder / "one.png")
    full = Shelf(empty.folder, gateway.media, owner, gateway_url, empty.user, empty.project)
    full.bring()
    return full


def test_a_query_is_answered_to_whoever_has_a_token(gateway: Gateway) -> None:
    user = str(uuid4())
    assert gateway.ask("{ viewer { id } }", user).json() == {"data": {"viewer": {"id": user}}}


def test_a_change_is_there_for_the_next_query(gateway: Gateway) -> None:
    user = str(uuid4())
    change = 'mutation { updateUiState(input: {patch: {theme: "dark"}}) { __typename } }'
    assert gateway.ask(change, user).json() == {
        "data": {"updateUiState": {"__typename": "ViewerChanged"}}
    }
    found = gateway.ask("{ viewer { uiState } }", user).json()["data"]["viewer"]["uiState"]
    assert found["theme"] == "dark"


def test_without_a_token_nothing_is_answered(gateway: Gateway) -> None:
    answer = httpx.post(f"{gateway.address}/graphql", json={"query": "{ viewer { id } }"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_a_url_out_of_an_answer_loads_the_file(gateway: Gateway, shelf: Shelf) -> None:
    picture = pictured(gateway, shelf)
    answer = httpx.get(picture["url"])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.content == (shelf.folder / "one.png").read_bytes()
    assert httpx.get(picture["thumbUrl"]).headers["content-type"] == "image/webp"
    assert httpx.URL(picture["url"]).path == picture["urlIdentity"]


def test_a_part_of_a_file_can_be_asked_for(gateway: Gateway, shelf: Shelf) -> None:
    answer = httpx.get(pictured(gateway, shelf)["url"], headers={"Range": "bytes=1-3"})
    assert (answer.status_code, answer.content) == (206, b"PNG")
    assert answer.headers["content-range"].startswith("bytes 1-3/")


def test_a_file_that_a_browser_has_is_not_sent_again(gateway: Gateway, shelf: Shelf) -> None:
    url = pictured(gateway, shelf)["url"]
    tag = httpx.get(url).headers["etag"]
    assert httpx.get(url, headers={"If-None-Match": tag}).status_code == 304


def test_a_url_without_its_signature_loads_nothing(gateway: Gateway, shelf: Shelf) -> None:
    url = pictured(gateway, shelf)["url"]
    assert httpx.get(url.partition("?")[0]).status_code == 403
    assert httpx.get(url[:-4] + "AAAA").status_code == 403


def test_another_picture_is_not_loaded_with_this_ones_signature(
    gateway: Gateway, shelf: Shelf
) -> None:
    picture = pictured(gateway, shelf)
    swapped = picture["thumbUrl"].partition("?")[0] + "?" + picture["url"].partition("?")[2]
    assert httpx.get(swapped).status_code == 403


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://localhost:5173", True),
        ("http://127.0.0.1:3000", True),
        ("https://elsewhere.example", False),
        ("http://localhost.elsewhere.example", False),
    ],
)
def test_pages_of_this_machine_may_call(gateway: Gateway, origin: str, allowed: bool) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Origin": origin}
    answer = httpx.options(f"{gateway.address}/graphql", headers=asked)
    assert ("access-control-allow-origin" in answer.headers) == allowed


def test_browsers_get_graphiql_and_everything_it_loads(gateway: Gateway) -> None:
    page = httpx.get(f"{gateway.address}/graphql", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "graphiql" in page.text
    for name in ("graphiql.js", "graphiql.css"):
        assert httpx.get(f"{gateway.address}/graphiql/{name}").status_code == 200


def test_health_is_told_without_a_token(gateway: Gateway) -> None:
    assert httpx.get(f"{gateway.address}/health/live").json() == {"status": "live"}
    assert httpx.get(f"{gateway.address}/health/ready").json() == {"status": "ready"}


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"[]", 400), (b'{"query": 7}', 400), (b"x" * 20_000_000, 413)],
)
def test_a_bad_body_is_refused_with_a_code(gateway: Gateway, body: bytes, status: int) -> None:
    headers = {"Content-Type": "application/json", **gateway.token(str(uuid4()))}
    answer = httpx.post(f"{gateway.address}/graphql", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [("GET", "/nothing", "NOT_FOUND"), ("PUT", "/graphql", "METHOD_NOT_ALLOWED")],
)
def test_what_is_not_there_is_refused_with_a_code(
    gateway: Gateway, method: str, path: str, code: str
) -> None:
    answer = httpx.request(method, f"{gateway.address}{path}")
    assert answer.json()["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_it_stops_when_it_is_told_to(gateway_url: str, tmp_path: Path, name: str) -> None:
    process, address = started(gateway_url, tmp_path)
    assert httpx.get(f"{address}/health/live").status_code == 200
    process.send_signal(getattr(signal, name))
    assert process.wait(20) == 0


def test_a_port_that_is_taken_is_told_in_words(gateway: Gateway, gateway_url: str) -> None:
    port = str(httpx.URL(gateway.address).port)
    environment = os.environ | {"DAILIES_PORT": port, "DAILIES_DATABASE_URL": gateway_url}
    result = subprocess.run(
        (*COMMAND, "serve"), cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert result.stderr.startswith("DAILIES_PORT")


def test_a_database_that_was_never_migrated_is_not_served(
    server_urls: tuple[str, str], new_database: Callable[[], str]
) -> None:
    url = urlsplit(server_urls[1])._replace(path=urlsplit(new_database()).path).geturl()
    environment = os.environ | {"DAILIES_PORT": "0", "DAILIES_DATABASE_URL": url}
    environment.pop("DAILIES_MIGRATE_URL", None)
    result = subprocess.run(
        (*COMMAND, "serve"), cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert "dailies migrate" in result.stderr


def pictured(gateway: Gateway, shelf: Shelf) -> dict[str, str]:
    """The only picture of the project, as its owner sees it."""
    answer = gateway.ask(PICTURES, shelf.user, id=shelf.project).json()
    picture: dict[str, str] = answer["data"]["project"]["generations"]["nodes"][0]
    return picture
