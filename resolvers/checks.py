"""Checks: what names, numbers and shapes must be before anything is written."""

import re
from collections.abc import Sequence
from typing import Any

from db.base import Json
from db.errors import BadInput

MOST = 500
LONGEST_NAME = 500
LONGEST_PROMPT = 100_000
LARGEST_JSON = 256 * 1024

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


def check_number(items: Sequence[Any], argument: str = "ids", most: int = MOST) -> None:
    """Refuse a list that is empty, or longer than what is done at once."""
    if not 0 < len(items) <= most:
        raise BadInput(f"`{argument}` must be 1 to {most}.", argument)


def check_length(argument: str, text: str | None, most: int) -> None:
    """Refuse a text that is longer than what is kept."""
    if text is not None and len(text) > most:
        raise BadInput(f"`{argument}` has at most {most:,} characters.", argument)


def check_object(argument: str, given: Json | None) -> None:
    """Refuse JSON that is no object, or too large to be kept."""
    if given is None:
        return
    if not given.startswith("{"):
        raise BadInput(f"`{argument}` must be an object.", argument)
    if len(given.encode()) > LARGEST_JSON:
        raise BadInput(f"`{argument}` is at most 256 KiB.", argument)


def check_position(position: int | None) -> None:
    """Refuse a position that nothing can have; one beyond the end is the end."""
    if position is not None and position < 0:
        raise BadInput("`position` must be 0 or more.", "position")


def check_range(argument: str, number: float | None, least: int, most: int) -> None:
    """Refuse a number that nothing can have."""
    if number is not None and not least <= number <= most:
        raise BadInput(f"`{argument}` is {least:,} to {most:,}.", argument)
