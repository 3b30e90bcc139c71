"""Bounds: how long and how large what is sent may be."""

from db.errors import BadInput


def check_length(argument: str, text: str | None, most: int) -> None:
    """Refuse a text that is longer than what is kept."""
    if text is not None and len(text) > most:
        raise BadInput(f"`{argument}` has at most {most:,} characters.", argument)


def check_range(argument: str, number: float | None, least: int, most: int) -> None:
    """Refuse a number that nothing can have."""
    if number is not None and not least <= number <= most:
        raise BadInput(f"`{argument}` is {least:,} to {most:,}.", argument)
