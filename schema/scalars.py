"""Scalars: values that travel as they are kept."""

from datetime import datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from engine.completion import as_it_is

DateTime = NewType("DateTime", str)
JSON = NewType("JSON", object)
BigInt = NewType("BigInt", int)

_LARGEST = 2**53 - 1


def _taken_moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError("A moment must be ISO 8601 text.") from None
    if moment.tzinfo is None:
        raise GraphQLError("A moment must name its offset from UTC, as in 2026-01-31T12:00:00Z.")
    return moment


def _taken_integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST:
        raise GraphQLError("A BigInt must be a whole number between -(2^53 - 1) and 2^53 - 1.")
    return value


SCALARS: dict[object, ScalarDefinition] = {
    DateTime: strawberry.scalar(
        name="DateTime",
        description="A moment in ISO 8601, given in UTC and exact to the microsecond.",
        serialize=as_it_is,
        parse_value=_taken_moment,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="Any JSON value, as it is kept.",
        serialize=as_it_is,
        parse_value=as_it_is,
    ),
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number between -(2^53 - 1) and 2^53 - 1.",
        serialize=as_it_is,
        parse_value=_taken_integer,
    ),
}
