"""Upkeep: thumbnails of what was uploaded, and an end for what nobody uses or needs any more."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from db import upkeep
from db.upkeep import Elsewhere, Failed, Found, Swept, Waiting
from media import probe, sizes
from media.errors import MediaError, MissingFile
from media.probe import Probe
from media.storage import Disk, Storage, thumbnail_of
from server.config import Config
from server.links import Links
from server.readers import Readers

logger = logging.getLogger("dailies.upkeep")

_PAUSE_SECONDS = 0.5
_TROUBLED_SECONDS = 5.0
_SWEEP_SECONDS = 600.0
_PATIENCE_SECONDS = 5.0
_MOST = 200
# Longer than any upload takes: what still arrives for an asset that is gone is removed too.
_GRACE = timedelta(hours=2)
# For how long owners see whom they have invited in vain.
_EXPIRED_FOR = timedelta(days=30)
_MOST_FORGOTTEN = 5_000


class Looking:
    """Looks at uploaded files, in a process of its own that may die of one."""

    def __init__(self, storage: Storage, readers: Readers) -> None:
        self._storage = storage
        self._readers = readers

    def look(self, waiting: Waiting) -> Found:
        """Measure a file, and keep its thumbnail."""
        measured = self._measured(waiting.key)
        if waiting.sha256 not in (None, measured.sha256):
            raise Failed("It is not the file that was announced.")
        thumbnail = thumbnail_of(waiting.key)
        self._storage.keep(thumbnail, measured.thumbnail)
        return Found(
            sizes.KEPT + thumbnail,
            measured.width,
            measured.height,
            measured.duration_ms,
            measured.blurhash,
        )

    def _measured(self, key: str) -> Probe:
        try:
            with self._storage.opened(key) as path:
                (measured,) = self._readers.read(probe.probe, [path])
        except MissingFile as error:
            raise Elsewhere from error
        except MediaError as error:
            raise Failed(str(error)) from error
        if isinstance(measured, MediaError):
            raise Failed(str(measured))
        return measured


class Sweeping:
    """Removes uploads that nobody uses, with all that was made of them."""

    def __init__(self, links: Links, unused_hours: float) -> None:
        self._links = links
        self._kept_for = timedelta(hours=unused_hours)

    def sweep(self, machinery: upkeep.Upkeep) -> Swept:
        """One round: so much at most, that nobody has to wait for it."""
        self._links.disk.tidy(_GRACE.total_seconds())
        return machinery.sweep(self._kept_for, _GRACE, _MOST, self._remove)

    def _remove(self, key: str) -> None:
        sized = Disk(self._links.sized_folder)
        for one in (key, thumbnail_of(key)):
            self._links.storage.remove(one)
            for width in sizes.WIDTHS:
                sized.remove(sizes.kept_as(one, width))


class Keeper:
    """A thread of the gateway that does all this until it is stopped."""

    def __init__(self, url: str, links: Links, config: Config) -> None:
        self._url = url
        self._links = links
        self._sweeping = Sweeping(links, config.unused_hours)
        self._versions = config.settings_versions
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)
        self._next_sweep = time.monotonic() + _SWEEP_SECONDS

    @contextmanager
    def running(self) -> Iterator[None]:
        """While this is open, files are looked after."""
        self._thread.start()
        try:
            yield
        finally:
            self._stopped.set()
            self._thread.join(_PATIENCE_SECONDS)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._work()
            except Exception:
                # Whatever it was, uploads wait in the database for the next try.
                logger.exception("Upkeep was interrupted")
                self._stopped.wait(_TROUBLED_SECONDS)

    def _work(self) -> None:
        with upkeep.opened(self._url) as machinery, Readers(1) as readers:
            looking = Looking(self._links.storage, readers)
            while not self._stopped.is_set():
                if not machinery.look_at_next(looking.look):
                    self._stopped.wait(_PAUSE_SECONDS)
                if time.monotonic() > self._next_sweep:
                    self._next_sweep = time.monotonic() + _SWEEP_SECONDS
                    self._sweeping.sweep(machinery)
                    machinery.forget(self._versions, _EXPIRED_FOR, _MOST_FORGOTTEN)


def sweep(url: str, links: Links, unused_hours: float) -> Swept:
    """Sweep until there is nothing left to do."""
    total = Swept()
    with upkeep.opened(url) as machinery:
        sweeping = Sweeping(links, unused_hours)
        while not (swept := sweeping.sweep(machinery)).is_last:
            total += swept
    return total
