"""The command line's tools: registering them, and mending what their settings have become."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from db import tools
from db.errors import BadInput
from db.tools import Registration, Scope
from resolvers.tools import faults, schema_fault
from schema.fields import taken_json


class BadTools(ValueError):
    """A file of tools cannot be taken as it is; nothing of it was."""


class Tool(BaseModel):
    """One tool of a file, as a studio writes it."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        alias_generator=to_camel, populate_by_name=False, extra="forbid", strict=True
    )

    id: str = Field(min_length=1, max_length=200)
    primary_scope: Scope = Field(default=Scope.PROJECT, strict=False)
    defaults: dict[str, Any] = {}
    schema_: dict[str, Any] | bool | None = Field(default=None, alias="schema")
    content_fields: list[str] = []

    @model_validator(mode="after")
    def _keeps_to_its_schema(self) -> "Tool":
        taken_json("defaults", self.defaults)
        if self.schema_ is None:
            return self
        if fault := schema_fault(self.schema_):
            raise ValueError(f"schema: {fault}")
        for issue in faults(self.schema_, self.defaults).values():
            raise ValueError(f"defaults{issue.pointer}: {issue.message}")
        return self

    def registration(self) -> Registration:
        """The same as it is kept."""
        return Registration(
            self.id, self.primary_scope.value, self.defaults, self.schema_, self.content_fields
        )


def read(file: Path) -> list[Tool]:
    """The tools of a file: a JSON list of them, or an object with the list under `tools`."""
    text = file.read_bytes()
    if b"\\u0000" in text:
        raise BadTools(f"{file.name} holds a NUL character, which cannot be stored")
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadTools(f"{file.name} is no JSON: {error}") from error
    listed = found.get("tools") if isinstance(found, dict) else found
    if not isinstance(listed, list):
        raise BadTools(f"{file.name} holds no list of tools")
    return list(_checked(listed))


def load(url: str, file: Path) -> Sequence[str]:
    """Register the tools of a file, all or none; gives their ids."""
    found = read(file)
    tools.load(url, [tool.registration() for tool in found])
    return [tool.id for tool in found]


def _checked(listed: list[Any]) -> Iterator[Tool]:
    seen: set[str] = set()
    for number, one in enumerate(listed, 1):
        name = one.get("id", number) if isinstance(one, dict) else number
        try:
            tool = Tool.model_validate(one)
        except (ValidationError, BadInput) as error:
            raise BadTools(f"tool {name}: {_words(error)}") from error
        if tool.id in seen:
            raise BadTools(f"tool {name}: it is there twice")
        seen.add(tool.id)
        yield tool


def _words(error: ValidationError | BadInput) -> str:
    if isinstance(error, BadInput):
        return error.message
    first = error.errors()[0]
    place = ".".join(str(step) for step in first["loc"])
    message = str(first["msg"]).removeprefix("Value error, ")
    return f"{place}: {message}" if place else message
