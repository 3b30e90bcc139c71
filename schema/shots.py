"""Scenes of a project."""

import strawberry

from engine.declarations import column
from schema.fields import Node, rows


@rows("shot", "A scene of a project.")
class Shot(Node):
    id: strawberry.ID = column("Its UUID.")
    name: str = column("What people call it.")
