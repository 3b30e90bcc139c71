"""Links: where browsers load the files that are kept, and where they send new ones."""

from pathlib import Path

from media.signing import Signer
from media.storage import Disk, Storage
from media.tickets import Ticket, Tickets
from server.config import Config


class Links:
    """The media folder, and signed URLs into it."""

    def __init__(self, config: Config) -> None:
        self.folder = media_folder(config)
        self.sized_folder = config.data_folder / "sized"
        self.disk = Disk(self.folder)
        self.storage: Storage = self.disk
        self.upload_limit = config.upload_limit
        self.tickets = Tickets(config.key("uploads"))
        self._signer = Signer(config.key("media"), config.media_window)
        self._address = config.address

    def sign(self, location: str) -> str:
        """A URL that is valid for a while, and the same inside a time window."""
        signed = self._signer.sign(location)
        return self._address + signed if signed.startswith("/") else signed

    def identity(self, location: str) -> str:
        """The part of that URL that never changes."""
        return self._signer.identity(location)

    def verify(self, path: str, query: str) -> bool:
        """Whether this path was signed with this query, and is still valid."""
        return self._signer.verify(path, query)

    def receive(self, ticket: Ticket) -> str:
        """Where a file may be sent, of just the size and kind that the ticket tells."""
        return self._address + self.tickets.sign(ticket)


def media_folder(config: Config) -> Path:
    """Where this machine keeps pictures and videos."""
    return config.data_folder / "media"
