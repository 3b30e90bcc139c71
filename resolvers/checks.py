"""Checks: what names, words and shapes must be before anything is written."""

import re

from db.errors import BadInput
from resolvers import mutations

_SHAPE = re.compile(r"[1-9][0-9]{0,4}:[1-9][0-9]{0,4}")


def check_title(name: str | None, argument: str = "name") -> None:
    """Refuse a name that is blank, or too long for any list; any other is kept as it is."""
    if name is not None and not name.strip():
        raise BadInput(f"`{argument}` must not be blank.", argument)
    check_length(name, mutations.LONGEST_NAME, argument)


def check_aspect_ratio(shape: str | None) -> None:
    """Refuse a shape that is not a width and a height."""
    if shape is not None and not _SHAPE.fullmatch(shape):
        message = "`aspectRatio` must be a width and a height of 1 to 99999, such as 16:9."
        raise BadInput(message, "aspectRatio")


def check_length(text: str | None, most: int, argument: str) -> None:
    """Refuse a text that is too long."""
    if text is not None and len(text) > most:
        raise BadInput(f"`{argument}` has at most {most:,} characters.", argument)
