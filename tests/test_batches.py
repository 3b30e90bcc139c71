"""Batches: what many parents are told at once is what each is told alone."""

from typing import Any

import pytest

from tests import walking
from tests.asking import Asking
from tests.uneven import Uneven
from tests.walking import SCHEMA

KINDS = [kind.name for kind in walking.node_types(SCHEMA)]
FIELDS = [
    (kind.name, field)
    for kind in walking.node_types(SCHEMA)
    for field in walking.leading_fields(kind)
]
UNDER = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on %s %s } }"
GALLERY = "{ nodes { id } totalCount { value } }"
ALIASES = f"""
query ($ids: [ID!]!, $shot: ID!) {{ nodes(ids: $ids) {{ ... on Project {{
  all: generations {GALLERY}
  starred: generations(filter: {{starred: true}}) {GALLERY}
  plain: generations(filter: {{starred: false}}) {GALLERY}
  named: generations(first: 4, order: {{by: NAME}}) {GALLERY}
  placed: generations(first: 3, filter: {{shots: [$shot], positioned: true}}) {GALLERY}
  waiting: generations(last: 3, filter: {{shots: [$shot], positioned: false}}) {GALLERY}
  unviewed: generations(filter: {{hasUnviewedVariants: true}}) {GALLERY}
  foxes: generations(filter: {{search: "fox"}}) {GALLERY}
  everything: facets(filter: {{includeChildren: true}}) {{ total days {{ value count }} }}
  videos: facets(filter: {{mediaType: VIDEO}}) {{ total models {{ value }} }}
}} }} }}
"""
IN_SHOTS = f"""
query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Shot {{
  all: generations {GALLERY}
  placed: generations(filter: {{positioned: true}}) {GALLERY}
  waiting: generations(filter: {{positioned: false}}) {GALLERY}
  nowhere: generations(filter: {{not: {{positioned: true}}}}) {GALLERY}
  framed: generations(first: 5, order: {{by: TIMELINE_FRAME}}) {GALLERY}
  unviewed: generations(filter: {{hasUnviewedVariants: true}}) {GALLERY}
  foxes: generations(filter: {{or: [{{search: "fox"}}, {{mediaType: VIDEO}}]}}) {GALLERY}
  images: entries(mediaType: IMAGE) {GALLERY}
  idle: entries(placement: UNPOSITIONED, mediaType: VIDEO) {GALLERY}
}} }} }}
"""


@pytest.mark.parametrize(("kind", "field"), FIELDS)
async def test_a_field_tells_many_parents_what_it_tells_each(
    asking: Asking, uneven: Uneven, kind: str, field: str
) -> None:
    text = walking.field_text(SCHEMA, SCHEMA.type_map[kind], field, levels=2)
    await compare(asking, uneven, UNDER % (kind, "{ " + text + " }"), kind)


@pytest.mark.parametrize("kind", KINDS)
async def test_columns_and_counts_of_many_are_those_of_each(
    asking: Asking, uneven: Uneven, kind: str
) -> None:
    await compare(asking, uneven, UNDER % (kind, own(kind)), kind)


@pytest.mark.parametrize(("query", "kind"), [(ALIASES, "Project"), (IN_SHOTS, "Shot")])
async def test_a_field_asked_twice_in_different_ways_answers_each(
    asking: Asking, uneven: Uneven, query: str, kind: str
) -> None:
    shots = {"shot": uneven.ids["Shot"][0]} if "$shot" in query else {}
    found = await compare(asking, uneven, query, kind, **shots)
    for name in found[0]:
        part = query[query.index(f" {name}: ") :].split("\n")[0]
        alone = f"{query[: query.index('on ' + kind)]} on {kind} {{ {part} }} }} }}"
        given = {"shot": shots["shot"]} if "$shot" in part else {}
        text = alone if given else alone.replace(", $shot: ID!", "")
        answer = await asking(text, uneven.viewer, ids=uneven.parents(kind), **given)
        assert answer["nodes"] == [{name: one[name]} for one in found]


async def test_badges_count_the_takes_of_each(asking: Asking, uneven: Uneven) -> None:
    text = "{ id variantCount unviewedVariantCount variants(first: 500) { nodes { viewedAt } } }"
    query = UNDER % ("Generation", text)
    answer = await asking(query, uneven.viewer, ids=uneven.ids["Generation"])
    counts = set()
    for one in answer["nodes"]:
        takes = [take["viewedAt"] for take in one["variants"]["nodes"]]
        assert (one["variantCount"], one["unviewedVariantCount"]) == (
            len(takes),
            takes.count(None),
        )
        counts.add((len(takes), takes.count(None)))
    assert len(counts) > 3


async def compare(
    asking: Asking, uneven: Uneven, query: str, kind: str, **variables: Any
) -> list[dict[str, Any]]:
    """Ask for all parents, then for each; the answers must not differ."""
    ids = uneven.parents(kind)
    together = (await asking(query, uneven.viewer, ids=ids, **variables))["nodes"]
    for parent, told in zip(ids, together, strict=True):
        answer = await asking(query, uneven.viewer, ids=[parent], **variables)
        assert answer["nodes"] == [told]
    assert len(ids) == 1 or len({str(one) for one in together}) > 1
    found: list[dict[str, Any]] = together
    return found


def own(kind: str) -> str:
    """What leads nowhere: the columns of a type and what is computed of them."""
    leading = walking.leading_fields(SCHEMA.type_map[kind])  # type: ignore[arg-type]
    fields = SCHEMA.type_map[kind].fields  # type: ignore[attr-defined]
    return "{ " + " ".join(name for name in fields if name not in leading) + " }"
