"""Frames that all alike are sent: to the letter what the protocol's own library would send."""

import pytest
from websockets.frames import Frame, Opcode

from server import messages, websockets


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536, 1_000_000])
def test_a_frame_is_what_the_library_would_send(length: int) -> None:
    for letter in ("x", "é"):
        text = letter * (length // len(letter.encode()))
        expected = Frame(Opcode.TEXT, text.encode()).serialize(mask=False)
        assert websockets.framed(text) == expected


def test_those_who_are_told_the_same_by_the_same_id_get_the_same_bytes() -> None:
    told = messages.framed_next('"1"', '{"data":null}')
    assert told is messages.framed_next('"1"', '{"data":null}')
    assert told.endswith(rb'{"id":"\"1\"","type":"next","payload":{"data":null}}')
