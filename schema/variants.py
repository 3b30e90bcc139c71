"""Takes of the same generation."""

import strawberry

from db import generations
from engine.declarations import column
from engine.relations import related_by
from schema import refs
from schema.fields import rows
from schema.media import Media
from schema.scalars import DateTime


@rows("variant", "Another take of the same generation; one of them is primary.")
class Variant(Media):
    id: strawberry.ID = column("Its UUID.")
    location: str = column("Where the file is, as stored.")
    variant_type: str | None = column("What kind of take: original, edit, upscaled, …")
    is_primary: bool = column("Whether this is the take that the generation shows.")
    viewed_at: DateTime | None = column("When somebody first looked at it.")
    generation: refs.Generation = related_by(
        generations.by_id,
        key="generation_id",
        joined="generation",
        description="The generation it is a take of.",
    )
