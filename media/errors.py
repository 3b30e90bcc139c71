"""Why a file could not be taken in, in words for the person who owns it.

MediaError
├── UnreadableFile   it is broken, cut short, empty, or cannot be opened
│   └── MissingFile  it is not there
├── UnsupportedFile  it is whole, and of a kind that is not read here
└── HostileFile      reading it would harm: a bomb, or a link out of the folder
"""


class MediaError(Exception):
    """A file was not taken in; its text is one sentence a person can read."""


class UnreadableFile(MediaError):
    """The file is broken, cut short, empty, or cannot be opened."""


class MissingFile(UnreadableFile):
    """The file is not there."""


class UnsupportedFile(MediaError):
    """The file is of a kind that is not read here."""


class HostileFile(MediaError):
    """Reading the file would harm the reader."""


class StorageAway(Exception):
    """What keeps the files does not answer, or refuses to: the files may be as good as ever."""
