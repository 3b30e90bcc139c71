"""Buckets: uploaded files in a store that speaks S3's language."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import obstore
from obstore.exceptions import NotFoundError
from obstore.store import S3Store

from media.errors import UnreadableFile
from media.presigning import Presigner
from media.storage import HEAD, Arrived

_PATIENCE = timedelta(seconds=10)
_LONGEST = timedelta(minutes=10)


class Bucket:
    """Files below one bucket."""

    def __init__(self, place: Presigner) -> None:
        self._store = S3Store(
            place.bucket,
            endpoint=place.endpoint,
            region=place.region,
            access_key_id=place.access_key,
            secret_access_key=place.secret_key,
            virtual_hosted_style_request=False,
            client_options={
                "allow_http": place.endpoint.startswith("http://"),
                "connect_timeout": _PATIENCE,
                "timeout": _LONGEST,
            },
            retry_config={"max_retries": 2, "retry_timeout": _PATIENCE},
        )

    def look(self, key: str) -> Arrived | None:
        """What is there under a key."""
        try:
            size = obstore.head(self._store, key)["size"]
            head = (
                obstore.get_range(self._store, key, start=0, end=min(size, HEAD)) if size else b""
            )
        except (NotFoundError, FileNotFoundError):
            return None
        return Arrived(size, bytes(head))

    @contextmanager
    def opened(self, key: str) -> Iterator[Path]:
        """A copy of the file, for as long as this is open."""
        with tempfile.TemporaryDirectory(prefix="dailies-") as folder:
            path = Path(folder) / "file"
            try:
                with path.open("wb") as copy:
                    for part in obstore.get(self._store, key).stream():
                        copy.write(part)
            except (NotFoundError, FileNotFoundError) as error:
                raise UnreadableFile("The file is gone.") from error
            yield path

    def keep(self, key: str, content: bytes) -> None:
        """Keep a small file, in place of the one before it."""
        obstore.put(self._store, key, content, attributes={"Content-Type": "image/webp"})

    def remove(self, key: str) -> None:
        """Remove a file, whether it is there or not."""
        with suppress(NotFoundError, FileNotFoundError):
            obstore.delete(self._store, key)
