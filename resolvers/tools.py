"""Tools: whether settings are what the tool's JSON Schema says."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jsonschema_rs
import orjson

from db.errors import Issue
from db.rows import Row
from db.tools import Scope
from resolvers import cascade

Faults = Mapping[bytes, Issue]

_KEPT = 256


def primary_scope(tool: Row) -> Scope:
    """Where its settings are mostly kept, as a hint; any scope may have some."""
    return Scope(tool.primary_scope)


def faults(schema: Any, value: Any) -> Faults:
    """What is wrong with a value, each fault by all that makes it this one."""
    found = _validator(_text(schema)).iter_errors(value)
    return {
        _text([error.instance_path, error.message, error.instance]): Issue(
            "patch", error.message, cascade.pointer(error.instance_path)
        )
        for error in found
    }


def schema_fault(schema: Any) -> str | None:
    """Why a JSON Schema is none, if it is none."""
    try:
        _validator(_text(schema))
    except ValueError as error:
        return str(error).partition("\n")[0]
    return None


@lru_cache(_KEPT)
def _validator(schema: bytes) -> Any:
    # Patterns take linear time, nothing is fetched from anywhere, and no value is told at length.
    return jsonschema_rs.validator_for(
        orjson.loads(schema),
        offline=True,
        mask="it",
        pattern_options=jsonschema_rs.RegexOptions(),
    )


def _text(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
