"""Links: where browsers load the files that are kept, and where they send new ones."""

import time
from pathlib import Path

from media import sizes
from media.buckets import Bucket
from media.presigning import Presigner
from media.signing import Signer
from media.storage import Disk, Storage
from media.tickets import Ticket, Tickets
from server.config import Config

_LONGEST_SECONDS = 7 * 24 * 3600


class Links:
    """The media folder and the store of uploads, and signed URLs into them."""

    def __init__(self, config: Config) -> None:
        self.folder = media_folder(config)
        self.sized_folder = config.data_folder / "sized"
        self.disk = Disk(self.folder)
        self.upload_limit = config.upload_limit
        self.tickets = Tickets(config.key("uploads"))
        self.store = _store(config)
        self.storage: Storage = Bucket(self.store) if self.store else self.disk
        self._signer = Signer(config.key("media"), config.media_window)
        self._window = config.media_window
        self._address = config.address

    def sign(self, location: str) -> str:
        """A URL that is valid for a while, and the same inside a time window."""
        if self.store and _is_upload(location):
            begun = time.time() // self._window * self._window
            seconds = min(2 * self._window, _LONGEST_SECONDS)
            return self.store.sign("GET", location.removeprefix(sizes.KEPT), begun, seconds)
        signed = self._signer.sign(location)
        return self._address + signed if signed.startswith("/") else signed

    def identity(self, location: str) -> str:
        """What names the file behind that URL and never changes."""
        return self._signer.identity(location)

    def verify(self, path: str, query: str) -> bool:
        """Whether this path was signed with this query, and is still valid."""
        return self._signer.verify(path, query)

    def receive(self, ticket: Ticket) -> str:
        """Where a file may be sent, of just the size and kind that the ticket tells."""
        if self.store is None:
            return self._address + self.tickets.sign(ticket)
        now = int(time.time())
        bound = {"Content-Type": ticket.content_type, "Content-Length": str(ticket.size)}
        return self.store.sign("PUT", ticket.key, now, max(ticket.expires - now, 1), bound)

    def keeper_of(self, key: str) -> Storage:
        """Where a file is: what was imported is always on this machine."""
        return self.storage if _is_upload(sizes.KEPT + key) else self.disk


def media_folder(config: Config) -> Path:
    """Where this machine keeps pictures and videos."""
    return config.data_folder / "media"


def _is_upload(location: str) -> bool:
    """Uploads lie right in the folder of their project, imported files one level below."""
    return location.startswith(sizes.KEPT) and location.count("/") == 2


def _store(config: Config) -> Presigner | None:
    if not (config.s3_endpoint and config.s3_bucket and config.s3_access_key):
        return None
    secret = config.s3_secret_key.get_secret_value() if config.s3_secret_key else ""
    return Presigner(
        config.s3_endpoint, config.s3_region, config.s3_bucket, config.s3_access_key, secret
    )
