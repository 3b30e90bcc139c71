"""What tasks answer beyond their columns."""

from db.rows import Row


def type(task: Row) -> str:
    """The type of work, as registered."""
    name: str = task.task_type
    return name
