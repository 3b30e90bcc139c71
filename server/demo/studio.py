"""A studio under construction: its rows, and the files that still have to be drawn for them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid5

from media.drawings.clips import Clip
from media.drawings.pictures import Picture

Row = dict[str, Any]

_NAMESPACE = UUID("6f2d9a10-6c1b-4c4e-9a54-0d6b1d0f7c11")


def identity(*parts: object) -> str:
    """The id of a thing by what it is: the same in every studio that is drawn."""
    return str(uuid5(_NAMESPACE, " ".join(map(str, parts))))


@dataclass(frozen=True)
class Wanted:
    """A file to be drawn, and the rows that say so: its variant's, and a generation's it shows."""

    project_id: str
    drawing: Picture | Clip
    rows: list[Row]


@dataclass
class Studio:
    """Rows by table, and the files to be drawn."""

    now: datetime
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    wanted: list[Wanted] = field(default_factory=list)
    rng: Random = field(default_factory=lambda: Random("studio"))  # noqa: S311

    def add(self, table: str, **values: Any) -> Row:
        """A row; every row of a table is given the same columns."""
        self.rows[table].append(values)
        return values

    def moment(self, days_ago: float) -> str:
        """When something happened, seen from now."""
        return (self.now - timedelta(days=days_ago)).isoformat()

    def generation(
        self,
        project_id: str,
        key: str,
        drawing: Picture | Clip,
        days_ago: float,
        table: str = "generations",
        is_new: bool = False,
        **values: Any,
    ) -> Row:
        """A generation whose original variant is drawn; `is_new` when nobody has looked at it."""
        id, at = identity(project_id, key), self.moment(days_ago)
        row = self.add(table, **_GENERATION | {"id": id, "project_id": project_id} | values)
        row |= {"primary_variant_id": identity(id, "original"), "created_at": at}
        row["type"] = "video" if isinstance(drawing, Clip) else "image"
        row["params"] = {"prompt": row["prompt"], "model": row["model"], **(row["params"] or {})}
        variant = self._variant(row, "original", "original", days_ago, is_new, row["params"])
        variant["is_primary"] = True
        self.wanted.append(Wanted(project_id, drawing, [variant, row]))
        return row

    def variant(
        self,
        generation: Row,
        kind: str,
        drawing: Picture | Clip,
        days_ago: float,
        is_new: bool,
        params: Mapping[str, Any],
    ) -> Row:
        """Another take of a generation."""
        key = f"{kind} {len(self.rows['generation_variants'])}"
        row = self._variant(generation, key, kind, days_ago, is_new, params)
        self.wanted.append(Wanted(generation["project_id"], drawing, [row]))
        return row

    def show(self, generation: Row, variant: Row) -> None:
        """Make the newest variant the primary one."""
        shown = next(want for want in self.wanted if want.rows[-1] is generation)
        shown.rows.pop()
        self.wanted[-1].rows.append(generation)
        shown.rows[0]["is_primary"], variant["is_primary"] = False, True
        generation["primary_variant_id"] = variant["id"]
        generation["params"] = variant["params"]

    def _variant(
        self,
        generation: Row,
        key: str,
        kind: str,
        days_ago: float,
        is_new: bool,
        params: Mapping[str, Any],
    ) -> Row:
        return self.add(
            "generation_variants",
            id=identity(generation["id"], key),
            project_id=generation["project_id"],
            generation_id=generation["id"],
            variant_type=kind,
            name=None,
            params=dict(params),
            is_primary=False,
            starred=False,
            viewed_at=None if is_new else self.moment(days_ago * 0.98),
            created_at=self.moment(days_ago),
            **_MEASURES,
        )


_MEASURES: Row = dict.fromkeys(
    ("location", "thumbnail_url", "width", "height", "duration_ms", "byte_size", "blurhash")
)
_OF_GENERATIONS = (
    *("id", "project_id", "type", "name", "params", "tool_type", "model", "prompt", "run_id"),
    *("task_id", "based_on", "parent_generation_id", "child_order", "primary_variant_id"),
    *("pair_shot_generation_id", "created_at"),
)
_GENERATION: Row = {**_MEASURES, **dict.fromkeys(_OF_GENERATIONS), "starred": False}
