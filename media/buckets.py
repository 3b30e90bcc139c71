"""Buckets: uploaded files in a store that speaks S3's language."""

import asyncio
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from media.errors import MissingFile, StorageAway
from media.presigning import Presigner
from media.storage import HEAD, Arrived, NewKey

logger = logging.getLogger("dailies.buckets")

_PATIENCE = timedelta(seconds=10)
_PATIENCE_OF_CLIENTS = 5.0
# For as long a store may say nothing at all: that is how it copies.
_SILENCE = timedelta(minutes=1)
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
                "read_timeout": _SILENCE,
                "timeout": _LONGEST,
            },
            retry_config={"max_retries": 2, "retry_timeout": _PATIENCE},
        )

    async def sealed(self, key: str, new_key: NewKey) -> Arrived | None:
        """A copy of what was sent: addresses are good for longer, and not every store refuses."""
        if await self.sent(key) is None or (copy := await new_key()) is None:
            return None
        with suppress(MissingFile), _answering():
            async with asyncio.timeout(_SILENCE.total_seconds()):
                await obstore.copy_async(self._store, key, copy)
        return await self.sent(copy)

    async def sent(self, key: str) -> Arrived | None:
        """What is there under a key; whoever asks waits a few seconds at most."""
        with suppress(MissingFile), _answering():
            async with asyncio.timeout(_PATIENCE_OF_CLIENTS):
                return await self._look(key)
        return None

    @contextmanager
    def opened(self, key: str) -> Iterator[Path]:
        """A copy of the file, for as long as this is open."""
        with tempfile.TemporaryDirectory(prefix="dailies-") as folder:
            path = Path(folder) / "file"
            with _answering(), path.open("wb") as copy:
                for part in obstore.get(self._store, key).stream():
                    copy.write(part)
            yield path

    def keep(self, key: str, content: bytes) -> None:
        """Keep a small file, in place of the one before it."""
        with _answering():
            obstore.put(self._store, key, content, attributes={"Content-Type": "image/webp"})

    def remove(self, key: str) -> None:
        """Remove a file, whether it is there or not."""
        with suppress(MissingFile), _answering():
            obstore.delete(self._store, key)

    async def _look(self, key: str) -> Arrived:
        size = (await obstore.head_async(self._store, key))["size"]
        if size == 0:
            return Arrived(key, 0, b"")
        end = min(size, HEAD)
        head = await obstore.get_range_async(self._store, key, start=0, end=end)
        return Arrived(key, size, bytes(head))


@contextmanager
def _answering() -> Iterator[None]:
    """Tells a file that is not there from a store that is away."""
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        raise MissingFile("The file is gone.") from error
    except (BaseError, TimeoutError) as error:
        logger.warning("The store of files is away: %r", error)
        raise StorageAway("The store of files is away.") from error
