"""The tables as ORM entities, for the server that is written the usual way."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Id(str):
    """A UUID, as text."""


class Base(DeclarativeBase):
    """What entities share: how columns are kept."""

    type_annotation_map: ClassVar = {
        Id: UUID(as_uuid=False),
        str: Text,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
    }


class Project(Base):
    """A project of a studio."""

    __tablename__ = "projects"
    id: Mapped[Id] = mapped_column(primary_key=True)
    user_id: Mapped[Id]
    name: Mapped[str]
    settings: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Shot(Base):
    """A scene of a project."""

    __tablename__ = "shots"
    id: Mapped[Id] = mapped_column(primary_key=True)
    project_id: Mapped[Id]
    name: Mapped[str]
    position: Mapped[int]
    settings: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Generation(Base):
    """A generated image or video."""

    __tablename__ = "generations"
    id: Mapped[Id] = mapped_column(primary_key=True)
    project_id: Mapped[Id]
    type: Mapped[str | None]
    location: Mapped[str | None]
    thumbnail_url: Mapped[str | None]
    name: Mapped[str | None]
    params: Mapped[dict[str, Any] | None]
    tool_type: Mapped[str | None]
    model: Mapped[str | None]
    prompt: Mapped[str | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    byte_size: Mapped[int | None] = mapped_column(BigInteger)
    starred: Mapped[bool]
    origin: Mapped[Id | None] = mapped_column("based_on")
    is_child: Mapped[bool]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Variant(Base):
    """Another take of a generation."""

    __tablename__ = "generation_variants"
    id: Mapped[Id] = mapped_column(primary_key=True)
    project_id: Mapped[Id]
    generation_id: Mapped[Id]
    location: Mapped[str]
    thumbnail_url: Mapped[str | None]
    variant_type: Mapped[str | None]
    is_primary: Mapped[bool]
    width: Mapped[int | None]
    height: Mapped[int | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Entry(Base):
    """A generation in a shot."""

    __tablename__ = "shot_generations"
    id: Mapped[Id] = mapped_column(primary_key=True)
    project_id: Mapped[Id]
    shot_id: Mapped[Id]
    generation_id: Mapped[Id]
    position: Mapped[int | None]
    timeline_frame: Mapped[int | None]
    kept: Mapped[dict[str, Any]] = mapped_column("metadata")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Statistics(Base):
    """How much is in a shot."""

    __tablename__ = "shot_statistics"
    id: Mapped[Id] = mapped_column("shot_id", primary_key=True)
    total_generations: Mapped[int]
    positioned_count: Mapped[int]
    unpositioned_count: Mapped[int]
