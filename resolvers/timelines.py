"""Timelines: how their pairs read."""

from db.rows import Row


def pair(slot: Row) -> Row:
    """The two images between which the segment plays, and its prompts."""
    return slot
