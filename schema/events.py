"""What is committed, told as it happens."""

import strawberry

from db.events import ChangeScope, Kind, Op
from engine.declarations import attribute, column, resolved_by
from engine.references import refers_by
from engine.watching import watched_by
from resolvers import events
from schema import nodes
from schema.fields import Node, choices
from schema.scalars import DateTime

AFTER = (
    "The cursor of the last event that was told, or of a query's answer: what came after it is"
    " told first. Without it only what is yet to come is told."
)

choices(
    Kind,
    "What an event asks of whoever follows.",
    called="ChangeKind",
    ready="Nothing yet: what comes after its cursor will be told.",
    change="To apply the changes it tells, or to load again what its scopes name.",
    bulk="To load again what its scopes name: more was changed than is told one by one.",
    resync="To load everything again: what came before its cursor can be told no more.",
    heartbeat="Nothing: up to its cursor there was nothing else to tell.",
)
choices(
    Op,
    "What became of a row.",
    called="ChangeOperation",
    insert="It is new.",
    update="It was changed.",
    delete="It is gone.",
)
choices(
    ChangeScope,
    "What of a project is to be loaded again.",
    all="Everything.",
    images="The files that are shown.",
    metadata="What is said of them.",
    counts="How many there are.",
    unified="Galleries, of the project and of shots.",
    shots="The list of shots.",
)


@strawberry.type(description="What became of one row in a transaction.")
class Change:
    table: str = column("The table it is kept in, such as `generations`.")
    id: strawberry.ID = column(
        "Its UUID. A membership goes by its user in the project's feed, by its project in a"
        " user's own."
    )
    operation: Op = attribute("What became of it.", path="op")
    columns: list[str] = column("The columns that were changed, when it was updated.")
    node: Node | None = refers_by(
        events.reference,
        nodes.KINDS,
        "The row as it is now; null when it is gone, or is nothing that has an id of its own.",
    )
    parent: Node | None = refers_by(
        events.parent,
        nodes.KINDS,
        "The generation that a take is of, as it is now: its counts may be others. Null for all"
        " other rows, and when it is gone.",
    )


@strawberry.type(description="One transaction, as those who follow a feed are told of it.")
class ChangeEvent:
    cursor: str = resolved_by(events.cursor)
    kind: Kind = column("What it asks of whoever follows.")
    at: DateTime | None = column("When it was committed.")
    reason: str | None = column("Why, in the writer's word, such as `delete-image`.")
    scopes: list[str] = column("What is to be loaded again, by those who do not apply changes.")
    origin: str | None = column("The `mutationId` of the mutation that it comes from.")
    shot_ids: list[strawberry.ID] = column("The UUIDs of the shots that are concerned.")
    tables: list[str] = column("The tables in which rows were changed.")
    changes: list[Change] = column("What became of which rows; none are told of a BULK event.")


@strawberry.type(description="Where followers are told of what is committed.")
class Subscription:
    project_changes: ChangeEvent = watched_by(
        events.of_project,
        {
            "project_id": "The UUID of the project.",
            "after": AFTER,
            "tables": "The tables that matter; others' changes are not told.",
            "scopes": "The scopes that matter; events with none of them are not told.",
            "shot_id": "The shot that matters; events of others are not told.",
        },
    )
    viewer_changes: ChangeEvent = watched_by(events.of_viewer, {"after": AFTER})
    shot_changes: ChangeEvent = watched_by(
        events.of_shot, {"shot_id": "The UUID of the shot.", "after": AFTER}
    )
    generation_changes: ChangeEvent = watched_by(
        events.of_generations, {"ids": "The UUIDs of the generations, 1 to 500.", "after": AFTER}
    )
