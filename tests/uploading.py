"""Somebody with a project who uploads files to a running gateway."""

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from server import auth
from server.config import Config
from tests.gateways import SECRET, started
from tests.nursery import Command
from tests.studio import Studio

ASSET = """{
  id status error filename contentType size sha256 bucket url thumbUrl width height duration
  blurhash uploadExpiresAt version
}"""
TOLD = f"""
__typename
... on Problem {{ code message }}
... on ValidationFailed {{ issues {{ argument message }} }}
... on NotFound {{ argument }}
... on Refused {{ reason }}
... on Conflict {{ current {{ ... on Asset {ASSET} }} }}
"""
GENERATION = """{
  id type mediaType location url thumbUrl thumbnailUrl width height duration byteSize blurhash
  version unviewedVariantCount variantCount primaryVariant { id thumbnailUrl blurhash version }
}"""
SUCCESSES = {
    "requestUpload": f"""UploadRequested {{
      asset {ASSET} upload {{ url method headers {{ name value }} expiresAt }}
    }}""",
    "completeUpload": f"UploadCompleted {{ asset {ASSET} }}",
    "createGeneration": f"GenerationCreated {{ generation {GENERATION} }}",
    "createVariant": f"""VariantCreated {{
      variant {{ id location viewedAt thumbnailUrl }} generation {GENERATION}
    }}""",
    "deleteGenerations": "GenerationsDeleted { deletedIds }",
    "updateProject": "ProjectChanged { project { name } }",
}
PATIENCE_SECONDS = 60


@dataclass
class Gateway:
    """A running gateway with a data folder."""

    address: str
    process: Command
    folder: Path

    @property
    def media(self) -> Path:
        """Where it keeps files."""
        return self.folder / "media"

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(20)


@contextmanager
def running(url: str, folder: Path, **environment: str) -> Iterator[Gateway]:
    """A gateway for as long as this is open."""
    process, address = started(url, folder, **environment)
    try:
        yield Gateway(address, process, folder)
    finally:
        process.terminate()
        process.wait(20)


class Sender:
    """Uploads files as somebody, into a project of theirs."""

    def __init__(self, gateway: Gateway, owner: psycopg.Connection[Any]) -> None:
        self.gateway = gateway
        self.studio = Studio(owner)
        self.viewer = self.studio.user()
        self.project = self.studio.project(self.viewer)
        self._config = Config.model_validate({"secret": SECRET, "data_folder": gateway.folder})

    def ask(self, query: str, viewer: str | None = None, /, **variables: Any) -> Any:
        """The data that answers a query."""
        answer = self.answered(query, variables, viewer)
        assert "errors" not in answer, answer
        return answer["data"]

    def answered(self, query: str, variables: Mapping[str, Any], viewer: str | None = None) -> Any:
        """The whole answer to a query."""
        token = auth.mint(self._config, viewer or self.viewer)
        return httpx.post(
            f"{self.gateway.address}/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        ).json()

    def told(self, name: str, viewer: str | None = None, /, **given: Any) -> Any:
        """What a mutation came to."""
        kind = f"{name[0].upper()}{name[1:]}Input"
        shown = f"{TOLD} ... on {SUCCESSES[name]}"
        query = f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ {shown} }} }}"
        return self.ask(query, viewer, input=given)[name]

    def request(self, content: bytes, content_type: str = "image/png", **given: Any) -> Any:
        """A file announced."""
        plain = {"filename": "fox.png", "contentType": content_type, "size": len(content)}
        return self.told("requestUpload", **{"projectId": self.project} | plain | given)

    def send(self, content: bytes, content_type: str = "image/png", **given: Any) -> str:
        """A file announced and sent; the id of its asset."""
        requested = self.request(content, content_type, **given)
        assert put(requested["upload"], content).status_code == 204
        return str(requested["asset"]["id"])

    def asset(self, id: str, viewer: str | None = None) -> Any:
        """An asset as it is now."""
        query = f"query ($id: ID!) {{ asset(id: $id) {ASSET} }}"
        return self.ask(query, viewer, id=id)["asset"]

    def generation(self, id: str) -> Any:
        """A generation as it is now."""
        query = f"query ($id: ID!) {{ generation(id: $id) {GENERATION} }}"
        return self.ask(query, id=id)["generation"]

    def settled(self, id: str) -> Any:
        """An asset once it is ready or has failed."""
        until = time.monotonic() + PATIENCE_SECONDS
        while (asset := self.asset(id))["status"] in ("PENDING", "UPLOADED"):
            assert time.monotonic() < until, asset
            time.sleep(0.05)
        return asset

    def settled_after_completing(self, id: str) -> Any:
        """The same, once the gateway was told that it has been sent."""
        assert self.told("completeUpload", id=id)["asset"]["status"] == "UPLOADED"
        return self.settled(id)

    def path(self, id: str, extension: str = "png") -> Path:
        """Where the gateway keeps a file."""
        return self.gateway.media / self.project / f"{id}.{extension}"


def put(upload: Mapping[str, Any], content: Any, **headers: str) -> httpx.Response:
    """A file sent as it was told."""
    told = {header["name"]: header["value"] for header in upload["headers"]}
    return httpx.put(upload["url"], content=content, headers=told | headers, timeout=30)


def fingerprint(content: bytes) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(content).hexdigest()
