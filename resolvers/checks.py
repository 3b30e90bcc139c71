"""Checks: what names, numbers and shapes must be before anything is written."""

import re
from collections.abc import Sequence
from typing import Any

from db.errors import BadInput

MOST = 500
LONGEST_NAME = 500

_SHAPE = re.compile(r"[1-9][0-9]{0,4}:[1-9][0-9]{0,4}")


def check_title(name: str | None, argument: str = "name") -> None:
    """Refuse a name that is blank, or too long for any list; any other is kept as it is."""
    if name is not None and not name.strip():
        raise BadInput(f"`{argument}` must not be blank.", argument)
    check_length(argument, name, LONGEST_NAME)


def check_aspect_ratio(shape: str | None) -> None:
    """Refuse a shape that is not a width and a height."""
    if shape is not None and not _SHAPE.fullmatch(shape):
        message = "`aspectRatio` must be a width and a height of 1 to 99999, such as 16:9."
        raise BadInput(message, "aspectRatio")


def check_name(name: str | None) -> None:
    """Refuse a name that is too long for any list."""
    check_length("name", name, LONGEST_NAME)


def check_number(items: Sequence[Any], argument: str = "ids") -> None:
    """Refuse a list that is empty, or longer than what is done at once."""
    if not 0 < len(items) <= MOST:
        raise BadInput(f"`{argument}` must be 1 to {MOST}.", argument)


def check_length(argument: str, text: str | None, most: int) -> None:
    """Refuse a text that is longer than what is kept."""
    if text is not None and len(text) > most:
        raise BadInput(f"`{argument}` has at most {most:,} characters.", argument)


def check_range(argument: str, number: float | None, least: int, most: int) -> None:
    """Refuse a number that nothing can have."""
    if number is not None and not least <= number <= most:
        raise BadInput(f"`{argument}` is {least:,} to {most:,}.", argument)
