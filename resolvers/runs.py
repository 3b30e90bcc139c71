"""What runs answer beyond their columns."""

from typing import Any

from db.rows import Row


def settings_snapshot(run: Row) -> Any:
    """The settings it was made with, as they were then."""
    return {} if run.settings_snapshot is None else run.settings_snapshot
