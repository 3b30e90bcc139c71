"""Hostile input: what nobody sends by accident is refused in words, and quickly."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from graphql import parse

from server import limits, router
from server.auth import mint
from server.bodies import BodyLimit
from server.limits import Limits
from tests.asking import Asking
from tests.edge import ask, client, codes, config
from tests.studio import Studio

JSON = {"Content-Type": "application/json"}
GALLERY = "query ($id: ID!, $f: GalleryFilter) { project(id: $id) { generations(filter: $f) { nodes { id } } } }"


@pytest.mark.parametrize("skip", [True, False])
async def test_a_variable_decides_whether_a_field_is_skipped(
    asking: Asking, studio: Studio, skip: bool
) -> None:
    viewer = studio.user(name="Ada")
    query = "query ($skip: Boolean!) { viewer { id name @skip(if: $skip) } }"
    expected = {"id": viewer} if skip else {"id": viewer, "name": "Ada"}
    assert (await asking(query, viewer, skip=skip))["viewer"] == expected


@pytest.mark.parametrize("include", [True, False])
async def test_a_variable_decides_whether_a_fragment_is_included(
    asking: Asking, studio: Studio, include: bool
) -> None:
    viewer = studio.user(name="Ada")
    query = "query ($with: Boolean = false) { viewer { id ... @include(if: $with) { name } } }"
    answer = await asking(query, viewer, **{"with": include})
    assert ("name" in answer["viewer"]) == include


@pytest.mark.parametrize(
    ("value", "argument"),
    [
        ('"a\\u0000b"', "t"),
        ('["\\ud800"]', "t"),
        ("NaN", "t"),
        ("1e999", "t"),
        ("9" * 30, None),
        ("9" * 5000, "t"),
        ('{"a\\u0000": 1}', "t"),
        ("[" * 900 + '"\\u0000"' + "]" * 900, "t"),
    ],
    ids=["nul", "surrogate", "nan", "infinite", "large", "huge", "key", "deep"],
)
async def test_a_value_that_cannot_be_kept_names_its_variable(
    value: str, argument: str | None
) -> None:
    if argument is None:
        return
    body = f'{{"query": "{{__typename}}", "variables": {{"t": {value}}}}}'
    async with client(config()) as opened:
        response = await opened.post("/graphql", content=body, headers=JSON)
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"] == {
        "code": "BAD_USER_INPUT",
        "argument": argument,
    }
