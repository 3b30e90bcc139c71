"""Problems: why a mutation did nothing, as types that clients can tell apart."""

from typing import Annotated

import strawberry

from db.errors import Reason
from engine.declarations import column, resolved_by
from engine.references import refers_by
from resolvers import mutations
from schema import nodes, refs
from schema.fields import choices, outcome

choices(
    Reason,
    "Why something that was understood is not done.",
    called="RefusedReason",
    read_only="The viewer may look at it, but not change it.",
    hand_over_first="Whose project it is stays its owner until they hand it over.",
    mutation_id_reused="The `mutationId` stands for another mutation, or for other input.",
    locked="A shot entry that is locked would have to leave its frame.",
    not_uploaded="The file has not arrived, or is not what was announced.",
)

Current = Annotated[
    refs.Asset
    | refs.Generation
    | refs.Invitation
    | refs.Member
    | refs.Project
    | refs.Run
    | refs.Shot
    | refs.ShotEntry
    | refs.Task
    | refs.ToolSettings
    | refs.User
    | refs.Variant,
    strawberry.union(
        "Current", description="What is there now, where something else was expected or wanted."
    ),
]


@strawberry.interface(description="Why nothing was done; whatever the mutation began is undone.")
class Problem:
    code: str = column("The same word for the same kind of problem, such as CONFLICT.")
    message: str = column("What is wrong, as a sentence for people.")


@strawberry.type(description="What is wrong with one argument.")
class Issue:
    argument: str = column("The argument, as a path from `input`.")
    message: str = column("What is wrong with it.")
    pointer: str | None = column("The JSON pointer of the place, where the argument is JSON.")


@outcome("The input cannot be taken as it is.")
class ValidationFailed(Problem):
    code: str = column("BAD_USER_INPUT.")
    issues: list[Issue] = resolved_by(mutations.issues)


@outcome("There is no such thing, or none that this viewer may see.")
class NotFound(Problem):
    code: str = column("NOT_FOUND.")
    argument: str = column("The argument that speaks of it, as a path from `input`.")


@outcome("It is no longer as the client knew it, and was left as it is.")
class Conflict(Problem):
    code: str = column("CONFLICT.")
    current: Current | None = refers_by(
        mutations.referred, nodes.KINDS_OF_CURRENT, "What is there now, if the viewer may see it."
    )
    changed_fields: list[str] = column(
        "The fields of the input whose value there is by now another one than was sent; JSON"
        " pointers where the input is a patch."
    )


@outcome("It was understood, but is not done.")
class Refused(Problem):
    code: str = column("REFUSED.")
    reason: Reason = resolved_by(mutations.reason)
    obstacle: Current | None = refers_by(
        mutations.referred,
        nodes.KINDS_OF_CURRENT,
        "What stands in the way, if anything does that has an id: the locked shot entry.",
    )


@strawberry.type(description="Why one item of several was left as it was.")
class ItemProblem:
    argument: str = column("The item, as a path from `input`.")
    problem: Problem = column("What is wrong with it.")


PROBLEMS = (ValidationFailed, NotFound, Conflict, Refused)
