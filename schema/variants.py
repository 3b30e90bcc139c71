"""Takes of the same generation."""

import strawberry

from db import generations, variants
from engine.declarations import column, resolved_by
from engine.relations import each_by, related_by
from resolvers import items
from resolvers import variants as changes
from schema import refs
from schema.fields import outcome, rows
from schema.generations import (
    CREATED,
    CREATED_SCOPES,
    METADATA,
    NAME,
    GenerationChanged,
    GenerationCreated,
)
from schema.media import Media
from schema.mutations import PARTIAL, VERSIONS, changed_by, edge_by, expected, new_id, one_by
from schema.problems import ItemProblem
from schema.scalars import DateTime

ID = "The UUID of the variant."
VERSION = expected("variant")


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


@outcome("Another take of a generation was made.")
class VariantCreated:
    variant: refs.Variant | None = one_by(variants.by_id, "variant_id")
    variant_edge: refs.VariantEdge | None = edge_by(variants.edge, "variant_id")
    generation: refs.Generation | None = one_by(generations.by_id, "generation_id")


@outcome("A take of a generation was changed.")
class VariantChanged:
    variant: refs.Variant | None = one_by(variants.by_id, "variant_id")
    generation: refs.Generation | None = one_by(generations.by_id, "generation_id")


@outcome("Several takes were changed.")
class VariantsChanged:
    variants: list[refs.Variant | None] = each_by(
        variants.by_id,
        "variant_ids",
        "The takes as they are now, each once, in the order of the input; null for each that is"
        " gone meanwhile.",
    )
    problems: list[ItemProblem] = resolved_by(items.problems)


@outcome("A take of a generation was deleted.")
class VariantDeleted:
    deleted_id: strawberry.ID = column("Its UUID.")
    generation: refs.Generation | None = one_by(
        generations.by_id,
        "generation_id",
        "The generation as it is now; it shows nothing when this was its last take.",
    )


@strawberry.type
class VariantMutations:
    create_variant = changed_by(
        changes.create,
        "CreateVariant",
        VariantCreated,
        {
            "generation_id": "The UUID of the generation that it is a take of.",
            "variant_type": "What kind of take: edit, inpaint, upscaled, …",
            "name": "What people call it, at most 500 characters.",
            "params": "What the tool was told, as an object.",
            "make_primary": "Whether the generation shows this take from now on.",
            "id": new_id("variant"),
        },
        "add-variant",
        ("IMAGES", "METADATA", "COUNTS", "UNIFIED"),
    )
    promote_variant = changed_by(
        changes.promote,
        "PromoteVariant",
        GenerationCreated,
        {"id": ID, "new_id": new_id("generation")},
        CREATED,
        CREATED_SCOPES,
    )
    set_primary_variant = changed_by(
        changes.set_primary,
        "SetPrimaryVariant",
        VariantChanged,
        {"id": ID, "expected_version": VERSION},
        "thumbnail-change",
        ("IMAGES", "METADATA", "UNIFIED"),
    )
    rename_variant = changed_by(
        changes.rename,
        "RenameVariant",
        VariantChanged,
        {"id": ID, "name": NAME, "expected_version": VERSION},
        METADATA,
        ("METADATA", "UNIFIED"),
    )
    star_variant = changed_by(
        changes.star,
        "StarVariant",
        VariantChanged,
        {
            "id": ID,
            "starred": "Whether it is a favourite from now on.",
            "expected_version": VERSION,
        },
        METADATA,
        ("METADATA",),
    )
    mark_variants_viewed = changed_by(
        changes.mark_viewed,
        "MarkVariantsViewed",
        VariantsChanged,
        {
            "ids": "The UUIDs of the variants, 1 to 500.",
            "partial": PARTIAL,
            "expected_versions": VERSIONS,
        },
        METADATA,
        ("METADATA", "COUNTS"),
    )
    mark_all_variants_viewed = changed_by(
        changes.mark_all_viewed,
        "MarkAllVariantsViewed",
        GenerationChanged,
        {
            "generation_id": "The UUID of the generation.",
            "expected_version": expected("generation"),
        },
        METADATA,
        ("METADATA", "COUNTS"),
    )
    delete_variant = changed_by(
        changes.delete,
        "DeleteVariant",
        VariantDeleted,
        {"id": ID, "expected_version": VERSION},
        "delete-variant",
        ("IMAGES", "METADATA", "COUNTS", "UNIFIED"),
    )
