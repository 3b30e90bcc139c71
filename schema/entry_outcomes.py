"""What is told when generations are put in shots, moved about there, and taken out."""

import strawberry

from db import generations, shots
from db import shot_entries as kept
from engine.declarations import column, resolved_by
from engine.relations import each_by, related_by
from resolvers import items
from schema import refs
from schema.fields import outcome
from schema.mutations import edge_by, edges_by, one_by
from schema.problems import ItemProblem


@outcome("A generation was put in a shot.")
class ShotEntryAdded:
    shot_entry: refs.ShotEntry | None = one_by(kept.by_id, "entry_id")
    shot_entry_edge: refs.ShotEntryEdge | None = edge_by(kept.edge, "entry_id")
    generation: refs.Generation | None = related_by(
        generations.by_id, key="generation_id", description="The generation that it places."
    )
    shot_entries: list[refs.ShotEntry | None] = each_by(
        kept.by_id, "entry_ids", "The new one, and those that made room for it, in order."
    )
    shot: refs.Shot | None = one_by(shots.by_id, "shot_id")


@outcome("Several generations were put in a shot.")
class ShotEntriesAdded:
    shot_entries: list[refs.ShotEntry | None] = each_by(
        kept.by_id, "entry_ids", "The new ones as they are now, in the order of the input."
    )
    shot_entry_edges: list[refs.ShotEntryEdge | None] = edges_by(kept.edge, "entry_ids")
    problems: list[ItemProblem] = resolved_by(items.problems)
    shot: refs.Shot | None = one_by(shots.by_id, "shot_id")


@outcome("What is kept with a shot entry was changed.")
class ShotEntryChanged:
    shot_entry: refs.ShotEntry | None = one_by(kept.by_id, "entry_id")
    shot: refs.Shot | None = one_by(shots.by_id, "shot_id")


@outcome("Shot entries were changed, or found to be as wanted.")
class ShotEntriesChanged:
    shot_entries: list[refs.ShotEntry | None] = each_by(
        kept.by_id, "entry_ids", "All that have changed, as they are now; null for what is gone."
    )
    shot: refs.Shot | None = one_by(shots.by_id, "shot_id")
    problems: list[ItemProblem] = resolved_by(items.problems)


@outcome("Another generation has taken the place of one in a shot.")
class ShotEntryReplaced:
    shot_entry: refs.ShotEntry | None = one_by(kept.by_id, "entry_id")
    generations: list[refs.Generation | None] = each_by(
        generations.by_id,
        "generation_ids",
        "The generation that is there now, and the one that was there before.",
    )
    shot: refs.Shot | None = one_by(shots.by_id, "shot_id")


@outcome("Generations were taken out of a shot.")
class ShotEntriesRemoved:
    deleted_ids: list[strawberry.ID] = column("The UUIDs of the shot entries that are gone.")
    shot_entries: list[refs.ShotEntry | None] = each_by(
        kept.by_id, "entry_ids", "Those that have closed up behind them, as they are now."
    )
    generations: list[refs.Generation | None] = each_by(
        generations.by_id, "generation_ids", "The generations that were there, as they are now."
    )
    shot: refs.Shot | None = one_by(shots.by_id, "shot_id")
    problems: list[ItemProblem] = resolved_by(items.problems)
