"""Links: where browsers load the files that this machine keeps."""

from pathlib import Path

from media.signing import Signer
from server.config import Config


class Links:
    """The media folder, and signed URLs into it."""

    def __init__(self, config: Config) -> None:
        self._signer = Signer(config.key("media"), config.media_window)
        self._address = config.address
        self.folder = media_folder(config)

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


def media_folder(config: Config) -> Path:
    """Where this machine keeps pictures and videos."""
    return config.data_folder / "media"
